"""What leakwatch says on stderr: one line each, beginning with its name."""

import sys
import traceback
from contextlib import suppress

from leakwatch.cli.level import chosen, is_quiet
from leakwatch.config import Config
from leakwatch.isolation.calls import attempted, described
from leakwatch.report import Report
from leakwatch.reports.memory import grows_beyond_objects
from leakwatch.reports.wording import printable


def complain(text: str) -> None:
    """Print an error: what, where, what was expected, what to do."""
    say(f"leakwatch: error: {text}")


def warn(text: str) -> None:
    """Print something that the user should know and that stops nothing."""
    say(f"leakwatch: warning: {text}")


def complain_of_fault(error: Exception, *, debug: bool) -> None:
    """Print that leakwatch itself failed, with the traceback if that is wanted."""
    complain_with_traceback(
        f"a fault of leakwatch itself: {described(error)}; {PLEASE}", error, debug=debug
    )


def complain_with_traceback(text: str, error: BaseException, *, debug: bool) -> None:
    """Print an error, with its traceback if that is wanted."""
    if debug:
        # It prints messages and notes, which may be as broken as the exception.
        attempted(lambda: traceback.print_exception(error))
    hint = "" if debug else "; run again with LEAKWATCH_DEBUG=1 for the traceback"
    complain(f"{text}{hint}")


PLEASE = "please report it, with this text and the output of `leakwatch doctor`"
"""Where to send a fault of ours: this release names no tracker of its own."""


def fault_as_reason(error: Exception) -> str:
    """A fault of ours as the reason of a report that has no judgement."""
    return f"leakwatch itself failed: {described(error)}; {PLEASE}"


def remark(text: str) -> None:
    """Print one line on stderr that those who want only what was found do without."""
    if not is_quiet():
        say(text)


def tell_times() -> None:
    """Print on stderr how long each stage took, where that is wanted."""
    if chosen.times is not None:
        for line in chosen.times.lines():
            say(f"leakwatch: {line}")


def say_all(text: str) -> bool:
    """Print every line of a text on stderr; False if that failed."""
    said = [say(line) for line in text.splitlines()]
    return all(said)


def say(text: str) -> bool:
    """Print one line on stderr; False if there is no stderr."""
    with suppress(OSError, ValueError):
        # The program may have closed it.
        stream = sys.__stderr__
        if stream is not None:
            stream.write(f"{printable(text)}\n")
            stream.flush()
            return True
    return False


CLEAN = 0
LEAKS = 1
USAGE = 2
FAULT = 3
"""leakwatch itself failed, or something was not judged: no leak in sight proves nothing then."""
INTERRUPTED = 130
"""What a shell gives for a program that Ctrl-C ended: 128 and the number of SIGINT."""


def exit_code(report: Report) -> int:
    """The exit code that a report means; of several reports the largest counts."""
    if report.not_judged:
        return FAULT
    return CLEAN if report.ok else LEAKS


def code_with_growth(code: int, report: Report, config: Config) -> int:
    """An exit code, where growth that is not of objects counts as a leak if that was asked for."""
    fails = config.fail_on_growth and grows_beyond_objects(report.memory)
    return LEAKS if fails and code == CLEAN else code
