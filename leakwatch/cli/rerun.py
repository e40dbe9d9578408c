"""Asking the question of a report once more, in a process of its own."""

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass

from leakwatch.cli.messages import LEAKS
from leakwatch.config import BY_NAME, Config
from leakwatch.errors import ConfigurationError, quoted, shown_path
from leakwatch.report import Report

PYTEST = "pytest"
"""The scope of a report that the pytest plugin wrote."""
INTERPRETER = re.compile(r"python[\d.]*(\.exe)?|pypy[\d.]*(\.exe)?")


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
        flags = ["run", "--no-fail-on-leak", *flags_of(config, *BUDGET, "types", "min_count")]
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
