"""A report as what was found alone: a line a leak, and what the answer lacks."""

from collections.abc import Iterator

from leakwatch.model import Leak
from leakwatch.report import Report
from leakwatch.reports.memory import growth_aside
from leakwatch.reports.text import printable_lines, sentence


def render(report: Report) -> str:
    """The lines, each with its newline; nothing for a clean report."""
    return "".join(f"{line}\n" for line in printable_lines(lines(report)).splitlines())


def lines(report: Report) -> Iterator[str]:
    """Every line; an answer that is none, or not whole, says so however little is wanted."""
    yield from (one_line(leak) for leak in report.leaks)
    if not report.leaks and growth_aside(report.memory):
        yield growth_aside(report.memory).lstrip(", ").removeprefix("but ")
    if report.not_judged:
        yield f"not judged: {report.not_judged}"
    elif report.partial:
        yield f"partial: {report.partial}"


def one_line(leak: Leak) -> str:
    """A leak in one line, its signature first."""
    return f"{leak.signature}  {sentence(leak)}"
