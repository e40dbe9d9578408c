"""`leakwatch diff`: two reports beside each other."""

import argparse

from leakwatch.cli.comparison_output import (
    add_comparison_output,
    comparison_format,
    deliver_comparison,
)
from leakwatch.command import Subcommand
from leakwatch.compare.diff import WORSE, Differences, compared
from leakwatch.errors import quoted
from leakwatch.report import Report

EPILOG = """\
Leaks are the same if their signatures are, whatever the machine, the run and the number. What
`hunt` found is compared by its growth per run.

examples:
  leakwatch diff monday.json tuesday.json
  leakwatch diff --format markdown main.json branch.json >> "$GITHUB_STEP_SUMMARY"

exit codes: 0 nothing is new or has grown, 1 something is or has, 2 usage or not a report,
3 one of the reports was not judged, or not all of it.
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """See `leakwatch.command.Subcommand`."""
    parser.description = "Tell which leaks are new, have grown, have shrunk or are gone."
    parser.epilog = EPILOG
    parser.add_argument("old", metavar="OLD", help="the older report, as JSON")
    parser.add_argument("new", metavar="NEW", help="the newer one")
    add_comparison_output(parser)


def run_command(arguments: argparse.Namespace) -> int:
    """See `leakwatch.command.Subcommand`."""
    chosen = comparison_format(arguments)
    old, new = Report.load(arguments.old), Report.load(arguments.new)
    entries = compared(old, new)
    found = Differences(
        question="diff",
        old=arguments.old,
        new=arguments.new,
        entries=entries,
        ok=all(entry.change not in WORSE for entry in entries),
        notes=(
            *other_work(arguments.old, old, arguments.new, new),
            *notes(arguments.old, old),
            *notes(arguments.new, new),
        ),
        not_judged=new.not_judged or old.not_judged,
    )
    return deliver_comparison(found, chosen, arguments.output)


def other_work(old_name: str, old: Report, new_name: str, new: Report) -> list[str]:
    """That the two reports are of different work, where a leak may be gone for that alone."""
    if old.scope == new.scope:
        return []
    there = f"{old_name} is of {quoted(old.scope)}, {new_name} of {quoted(new.scope)}"
    return [f"not the same work: {there}"]


def notes(name: str, report: Report) -> list[str]:
    """Why a report may lack a leak that is there."""
    reasons = [report.partial, report.not_judged]
    return [f"{name} is incomplete: {reason}" for reason in reasons if reason]


COMMAND = Subcommand("diff", "compare two reports", add_arguments, run_command)
