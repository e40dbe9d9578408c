"""`leakwatch verify`: run it again, and tell of each leak of a report what became of it."""

import argparse
import os
import re
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass

from leakwatch.cli.commands.diff import (
    add_comparison_output,
    comparison_format,
    deliver_comparison,
    notes,
    other_work,
)
from leakwatch.cli.input import report_in
from leakwatch.cli.messages import LEAKS
from leakwatch.cli.parsing import add_options
from leakwatch.command import Subcommand
from leakwatch.compare.diff import Change, Differences, appeared_besides, verified
from leakwatch.config import BY_NAME, Config
from leakwatch.errors import ConfigurationError, quoted, shown_path
from leakwatch.report import Report
from leakwatch.reports.wording import counted

PYTEST = "pytest"
"""The scope of a report that the pytest plugin wrote."""
INTERPRETER = re.compile(r"python[\d.]*(\.exe)?|pypy[\d.]*(\.exe)?")

EPILOG = """\
The same question is asked again: a report of `leakwatch run` takes the program behind it, one
of `leakwatch hunt` the function, one of pytest the arguments of pytest. Give the options that
the report was made with. The baseline is left aside; the output of the command goes to stderr.

For each leak of the report it says `fixed`, `moved` (the same type and pattern, held in
another way), `unchanged`, `grown` or `shrunk`.

examples:
  leakwatch verify leaks.json -- app.py --port 8000
  leakwatch verify leaks.json -- -m shop
  leakwatch verify growth.json -- tests.work:checkout
  leakwatch verify suite.json -- pytest tests/test_cart.py

exit codes: 0 all leaks of the report are fixed; 1 not all; 2 usage, not a report, or the
command failed, which proves nothing; 3 the second run was not judged, or not all of it.
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """See `leakwatch.command.Subcommand`."""
    parser.description = "Run a command again and tell which leaks of a report are fixed."
    parser.epilog = EPILOG
    parser.usage = "leakwatch verify [options] REPORT -- COMMAND [ARG ...]"
    add_comparison_output(parser)
    parser.add_argument(
        "--any-exit", action="store_true", help="compare even if the command itself failed"
    )
    add_options(parser, "types", "min_count", "max_objects", "max_seconds")
    parser.add_argument("report", metavar="REPORT", help="a report, as JSON")
    rest = parser.add_argument(
        "command", metavar="COMMAND", nargs=argparse.REMAINDER, help="what to run again"
    )
    # Before 3.12 argparse calls a remainder required when it is missing.
    rest.required = False


def run_command(arguments: argparse.Namespace) -> int:
    """See `leakwatch.command.Subcommand`."""
    chosen = comparison_format(arguments)
    old = report_in(arguments.report)
    if not (old.leaks or old.known):
        raise ConfigurationError(
            f"{shown_path(arguments.report)}: it has no leaks, so nothing can be verified"
        )
    command = command_of(arguments.command)
    again = rerun_of(old, command, arguments.config, arguments.report)
    with tempfile.TemporaryDirectory(prefix="leakwatch-") as folder:
        new = rerun(again, os.path.join(folder, "again.json"), any_exit=arguments.any_exit)
    found = verdict_on(old, new, arguments.report, shlex.join(command))
    return deliver_comparison(found, chosen, arguments.output)


def command_of(words: list[str]) -> list[str]:
    """The command behind the report.

    Raises:
        ConfigurationError: there is none.
    """
    command = words[1:] if words[:1] == ["--"] else words
    if not command:
        raise ConfigurationError(
            "verify needs a command behind `--`, the one that the report was made with; "
            "see `leakwatch verify --help`"
        )
    return command


@dataclass(frozen=True, slots=True)
class Rerun:
    """A command that asks the same question.

    Attributes:
        command: builds the command line from the name of the file for its report.
        good: the exit codes with which the command itself has not failed.
        shown: the command as it was given, for messages.
    """

    command: Callable[[str], list[str]]
    good: frozenset[int]
    shown: str


def rerun_of(report: Report, command: list[str], config: Config, name: str) -> Rerun:
    """How to ask the question of a report again.

    Args:
        report: the report.
        command: what to run, as the user gave it.
        config: the configuration.
        name: of the report's file, for messages.

    Raises:
        ConfigurationError: the report was not made by a command.
    """
    shown = shlex.join(command)
    if report.kind == "run":
        flags = [
            "run",
            "--no-fail-on-leak",
            "--no-fail-on-growth",
            *flags_of(config, *BUDGET, "types", "min_count"),
        ]
        return rerun_by_leakwatch(
            config, flags, without_beginning(command, "run"), frozenset({0}), shown
        )
    if report.kind == "hunt":
        flags = ["hunt", *flags_of(config, *BUDGET)]
        return rerun_by_leakwatch(
            config, flags, without_beginning(command, "hunt"), frozenset({0, LEAKS}), shown
        )
    if report.scope == PYTEST:
        return Rerun(lambda file: pytest_command(command, file), frozenset({0}), shown)
    raise ConfigurationError(
        f"{shown_path(name)}: a report of kind {quoted(report.kind)} is made by the program "
        f"itself; run the program again, and compare with `leakwatch diff {shown_path(name)} NEW`"
    )


BUDGET = ("max_objects", "max_seconds")


def rerun_by_leakwatch(
    config: Config, flags: list[str], rest: list[str], good: frozenset[int], shown: str
) -> Rerun:
    """How to run leakwatch again, without a baseline."""
    start = [sys.executable, "-m", "leakwatch", *flags_of(config, "plugins", "disable_plugins")]

    def command(file: str) -> list[str]:
        return [*start, *flags, "--baseline=", "--format=json", f"--output={file}", *rest]

    return Rerun(command, good, shown)


def pytest_command(command: list[str], file: str) -> list[str]:
    """The command line of a run of pytest that fails for no leak, without a baseline."""
    rest = without_beginning(command, "")
    rest = rest[2:] if rest[:2] == ["-m", "pytest"] else rest
    rest = rest[1:] if rest and os.path.basename(rest[0]) in {"pytest", "py.test"} else rest
    ours = ["--leakwatch=report", "--leakwatch-baseline=", f"--leakwatch-report={file}"]
    return [sys.executable, "-m", "pytest", *ours, *rest]


def without_beginning(command: list[str], subcommand: str) -> list[str]:
    """The command without its beginning, which is written anew: an interpreter, `leakwatch run`."""
    rest = command
    if len(rest) > 1 and INTERPRETER.fullmatch(os.path.basename(rest[0])):
        rest = rest[1:]
    for start in (["leakwatch", subcommand], ["-m", "leakwatch", subcommand]):
        if rest[: len(start)] == start:
            return rest[len(start) :]
    return rest


def flags_of(config: Config, *names: str) -> list[str]:
    """Options as flags, if they are set anywhere."""
    flags: list[str] = []
    for name in names:
        if name in config.sources:
            value = getattr(config, name)
            parts = value if isinstance(value, tuple) else (value,)
            flags += [f"{BY_NAME[name].flags[-1]}={part}" for part in parts]
    return flags


def rerun(again: Rerun, file: str, *, any_exit: bool) -> Report:
    """Run the command, its output on stderr, and give its report.

    Raises:
        ConfigurationError: it failed, or wrote no report.
    """
    done = subprocess.run(again.command(file), stdout=2, check=False)  # noqa: S603 - asked for
    if not os.path.exists(file):
        raise ConfigurationError(
            f"{again.shown}: it made no report and exited with {done.returncode}; see above"
        )
    if done.returncode not in again.good and not any_exit:
        raise ConfigurationError(
            f"{again.shown}: it exited with {done.returncode}, and what fails early leaks less; "
            "make it succeed, or give --any-exit"
        )
    return Report.load(file)


def verdict_on(old: Report, new: Report, name: str, command: str) -> Differences:
    """What became of the leaks of the old report."""
    entries = verified(old, new)
    missing = [*other_work(name, old, "the second run", new), *notes("the second run", new)]
    besides = appeared_besides(old, entries, new)
    if besides:
        leaks = counted(len(besides), "leak", "leaks")
        types = ", ".join(sorted({leak.type_name for leak in besides}))
        missing.append(f"also found, and not in {name}: {leaks} of {types}")
    return Differences(
        question="verify",
        old=name,
        new=command,
        entries=entries,
        ok=all(it.change is Change.FIXED for it in entries) and not (new.partial or new.not_judged),
        notes=tuple(missing),
        not_judged=new.not_judged,
    )


COMMAND = Subcommand(
    "verify", "run again and tell which leaks are fixed", add_arguments, run_command
)
