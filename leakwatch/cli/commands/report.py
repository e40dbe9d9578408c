"""`leakwatch report`: saved reports, in any format."""

import argparse
import sys
from collections.abc import Callable, Iterator
from itertools import chain, islice

from leakwatch.announcing import with_story
from leakwatch.cli.commands.snapshot import overview
from leakwatch.cli.input import reports_in
from leakwatch.cli.messages import FAULT, exit_code, warn
from leakwatch.cli.output import (
    JOINABLE,
    add_output,
    deliver,
    deliver_all,
    format_for,
    write_document,
)
from leakwatch.cli.tables import deliver_tables
from leakwatch.cli.terminal import working
from leakwatch.command import Subcommand
from leakwatch.compare.group import grouped
from leakwatch.errors import ConfigurationError
from leakwatch.report import Report
from leakwatch.reports.formats import Renderer
from leakwatch.reports.group_table import TABLES, rows_of
from leakwatch.session import plugins
from leakwatch.snapshots.layout import SUFFIX
from leakwatch.snapshots.reading import Snapshot
from leakwatch.stages import Stage, each_of

EPILOG = """\
examples:
  leakwatch report leaks.json
  leakwatch report --format markdown leaks.json >> "$GITHUB_STEP_SUMMARY"
  leakwatch report -o leaks.md monday.json tuesday.json
  leakwatch report heap.lwheap                   what is in the heap that was written to a file
  leakwatch report celery-*.jsonl --by task      one row a task, over all its runs

exit codes: 0 clean, 1 a report has leaks, 2 usage or not a report.
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """See `leakwatch.command.Subcommand`."""
    parser.description = "Show reports that were saved as JSON, in this or another format."
    parser.epilog = f"formats:\n{format_lines()}\n{EPILOG}"
    parser.add_argument(
        "files",
        metavar="FILE",
        nargs="+",
        help="a report, written by `leakwatch run -o FILE.json`, or a heap (`.lwheap`); "
        "`-` is stdin",
    )
    parser.add_argument(
        "--by",
        choices=BY,
        help="add the reports up, those of one scope (which may be called a task or a request) or "
        "of one file; a table as text or markdown, one report each as jsonl",
    )
    add_output(parser)


def format_lines() -> str:
    """One line for each format."""
    known: dict[str, Renderer] = {}
    for renderer in plugins().extensions("leakwatch_renderers"):
        known.setdefault(renderer.name, renderer)
    return "".join(
        f"  {name:<10} {' '.join(known[name].suffixes):<8} {known[name].description}\n"
        for name in sorted(known)
    )


def run_command(arguments: argparse.Namespace) -> int:
    """See `leakwatch.command.Subcommand`."""
    chosen = format_for(arguments.config, arguments.output)
    if any(file.endswith(SUFFIX) for file in arguments.files):
        return show_heap(arguments, chosen)
    if arguments.by:
        check_shows_groups(chosen)
        return deliver_grouped(read(arguments.files), arguments.by, chosen, arguments.output)
    if len(arguments.files) > 1:
        check_joinable(chosen, f"{len(arguments.files)} files")
    reports = (report for _, report in read(arguments.files))
    first = list(islice(reports, 2))
    if not first:
        raise ConfigurationError(f"no report in {', '.join(arguments.files)}; nothing to show")
    if len(first) == 1:
        return deliver(first, chosen, arguments.output)
    check_joinable(chosen, "several")
    return deliver_all(chain(first, reports), chosen, arguments.output)


def show_heap(arguments: argparse.Namespace, chosen: str) -> int:
    """Show what is in a heap file."""
    if len(arguments.files) > 1 or arguments.by:
        raise ConfigurationError("of files of a heap, report shows one at a time, and no groups")
    file = arguments.files[0]
    return deliver_tables(lambda: overview(Snapshot.load(file)), chosen, arguments.output)


def read(files: list[str]) -> Iterator[tuple[str, Report]]:
    """Every report in the files, one at a time, each with the name of its file."""
    for file in files:
        for report in each_of(Stage.READ, reports_in(file, warn)):
            yield file, report


def check_joinable(chosen: str, got: str) -> None:
    """Refuse a format of which several reports make no document."""
    if chosen not in JOINABLE:
        raise ConfigurationError(
            f"format {chosen!r} holds one report, got {got}; give one file, merge them with "
            f"`leakwatch combine`, or use one of {', '.join(sorted(JOINABLE))}"
        )


COMMAND = Subcommand("report", "show saved reports", add_arguments, run_command)


SINGLE = "jsonl"
"""The format in which each group is a report of its own."""


def scope_of(file: str, report: Report) -> str:
    """The name of the scope: what a worker calls its tasks, a server its requests."""
    return report.scope


def file_of(file: str, report: Report) -> str:
    """The file: one process, where each writes its own."""
    return file


BY: dict[str, Callable[[str, Report], str]] = {
    "scope": scope_of,
    "task": scope_of,
    "request": scope_of,
    "file": file_of,
}
"""What reports can be grouped by; the word is the heading of the first column too."""


def check_shows_groups(chosen: str) -> None:
    """Refuse a format that cannot show groups, before anything is read."""
    if chosen not in TABLES and chosen != SINGLE:
        known = ", ".join([*TABLES, SINGLE])
        raise ConfigurationError(
            f"format {chosen!r} shows no groups: with --by use one of {known}, or merge the "
            "reports with `leakwatch combine`"
        )


def deliver_grouped(
    reports: Iterator[tuple[str, Report]], by: str, chosen: str, output: str | None
) -> int:
    """Add the reports up, write them, and give the exit code that they mean.

    Args:
        reports: each with the name of its file; read one at a time.
        by: a key of `BY`.
        chosen: a format that shows groups.
        output: a file's name; None or `-` is stdout.
    """
    with working("", sys.__stderr__):
        groups = grouped((BY[by](file, report), file, report) for file, report in reports)
    if not groups:
        raise ConfigurationError("there is no report in these files; nothing to add up")
    whole = {
        name: (runs.count, with_story(runs.report(), trim=False)) for name, runs in groups.items()
    }
    each = [report for _, report in whole.values()]
    if chosen not in TABLES:
        return deliver(each, chosen, output)
    content = TABLES[chosen](rows_of(whole), by)
    if not write_document(content, chosen, output, each):
        return FAULT
    return max(map(exit_code, each))
