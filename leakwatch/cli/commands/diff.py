"""`leakwatch diff`: two reports beside each other, and how any comparison of two is written."""

import argparse
import os

from leakwatch.cli.input import report_in
from leakwatch.cli.level import add_level, at_level
from leakwatch.cli.messages import CLEAN, FAULT, LEAKS, complain, remark, say_all, tell_times
from leakwatch.cli.output import STDOUT, check_folder, print_out
from leakwatch.command import Subcommand
from leakwatch.compare.diff import WORSE, Differences, compared
from leakwatch.errors import ConfigurationError, ReportFileError, quoted, shown_path
from leakwatch.report import Report
from leakwatch.reports import files
from leakwatch.reports.differences import FORMATS, SUFFIXES, verdict

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
    parser.add_argument("old", metavar="OLD", help="the older report, as JSON; `-` is stdin")
    parser.add_argument("new", metavar="NEW", help="the newer one")
    add_comparison_output(parser)


def run_command(arguments: argparse.Namespace) -> int:
    """See `leakwatch.command.Subcommand`."""
    chosen = comparison_format(arguments)
    old, new = report_in(arguments.old), report_in(arguments.new)
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
    """A note if two reports are of different work: a leak may be gone for that alone."""
    if old.scope == new.scope:
        return []
    there = f"{old_name} is of {quoted(old.scope)}, {new_name} of {quoted(new.scope)}"
    return [f"not the same work: {there}"]


def notes(name: str, report: Report) -> list[str]:
    """Notes on why a report may lack a leak that is there."""
    reasons = [report.partial, report.not_judged]
    return [f"{name} is incomplete: {reason}" for reason in reasons if reason]


def add_comparison_output(parser: argparse.ArgumentParser) -> None:
    """Add the arguments that say where a comparison goes and in which format."""
    parser.add_argument(
        "-o",
        "--output",
        metavar="FILE",
        help=f"write into this file instead of stdout; its suffix ({', '.join(SUFFIXES)}) decides "
        "the format unless --format is given",
    )
    parser.add_argument("--format", choices=list(FORMATS), help="format (default: text)")
    add_level(parser)


def comparison_format(arguments: argparse.Namespace) -> str:
    """The format to write, checked before any work is done.

    Raises:
        ConfigurationError: the suffix of the file names none.
        ReportFileError: the folder of the file does not exist.
    """
    output: str | None = arguments.output
    if output in (None, STDOUT):
        return at_level(arguments.format or "text")
    check_folder(output)
    suffix = os.path.splitext(output)[1].lower()
    if arguments.format is None and suffix not in SUFFIXES:
        raise ConfigurationError(
            f"{shown_path(output)}: suffix {quoted(suffix)} names no format: "
            f"expected one of {', '.join(SUFFIXES)}"
        )
    return at_level(arguments.format or SUFFIXES[suffix])


def deliver_comparison(found: Differences, chosen: str, output: str | None) -> int:
    """Write a comparison and give the exit code that it means."""
    content = FORMATS[chosen](found)
    if output in (None, STDOUT):
        if not print_out(content):
            return FAULT
    else:
        try:
            files.write(output, content)
        except ReportFileError as error:
            complain(str(error))
            # An answer that was asked for is not lost with the file.
            say_all(FORMATS["text"](found))
            return FAULT
        remark(f"{verdict(found)}; more is in {output}")
    tell_times()
    if found.not_judged:
        return FAULT
    return CLEAN if found.ok else LEAKS


COMMAND = Subcommand("diff", "compare two reports", add_arguments, run_command)
