"""`leakwatch verify`: run it again, and tell of each leak of a report what became of it."""

import argparse
import os
import shlex
import tempfile

from leakwatch.cli.commands.diff import (
    add_comparison_output,
    comparison_format,
    deliver_comparison,
    notes,
    other_work,
)
from leakwatch.cli.parsing import add_options
from leakwatch.cli.rerun import rerun, rerun_of
from leakwatch.command import Subcommand
from leakwatch.compare.diff import Change, Differences, appeared_besides, verified
from leakwatch.errors import ConfigurationError, shown_path
from leakwatch.report import Report
from leakwatch.reports.wording import counted

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
    old = Report.load(arguments.report)
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
