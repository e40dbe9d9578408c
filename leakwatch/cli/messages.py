"""What leakwatch says on stderr: one line each, beginning with its name."""

import sys
import traceback
from contextlib import suppress

from leakwatch.hints import shortened
from leakwatch.reports.wording import printable

MOST_SAID = 500
"""Characters of what an exception says; `--debug` has all of it."""


def complain(text: str) -> None:
    """An error: what, where, what was expected, what to do."""
    say(f"leakwatch: error: {text}")


def warn(text: str) -> None:
    """Something that the user should know and that stops nothing."""
    say(f"leakwatch: warning: {text}")


def complain_of_fault(error: Exception, *, debug: bool) -> None:
    """leakwatch itself failed; the traceback is there for those who ask for it."""
    if debug:
        traceback.print_exception(error)
    hint = "" if debug else "; run again with LEAKWATCH_DEBUG=1 for the traceback"
    said = shortened(str(error), MOST_SAID)
    complain(f"a fault of leakwatch itself: {type(error).__name__}: {said}{hint}")


def say_all(text: str) -> bool:
    """Every line of a text on stderr; False if it could not be said."""
    said = [say(line) for line in text.splitlines()]
    return all(said)


def say(text: str) -> bool:
    """One line on stderr; False if there is no stderr."""
    with suppress(OSError, ValueError):
        # The program may have closed it.
        stream = sys.__stderr__
        if stream is not None:
            stream.write(f"{printable(text)}\n")
            stream.flush()
            return True
    return False
