"""`leakwatch report --by`: the reports of one scope or file added up, one row each."""

from collections.abc import Callable, Iterator

from leakwatch.cli.exits import FAULT, exit_code
from leakwatch.cli.output import deliver, put
from leakwatch.errors import ConfigurationError
from leakwatch.grouping import grouped
from leakwatch.report import Report
from leakwatch.reports.by_name import TABLES, rows_of
from leakwatch.session import with_story

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


def format_of_groups(chosen: str) -> None:
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
    if not put(content, chosen, output, each):
        return FAULT
    return max(map(exit_code, each))
