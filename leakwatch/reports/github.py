"""The report as workflow commands of GitHub Actions: a mark at the line of each leak.

The escapes are those of the runner: a message may hold no percent sign, carriage return or line
feed as such, a property no colon and comma either (GitHub's documentation, "Workflow commands for
GitHub Actions").
"""

from collections.abc import Iterator

from leakwatch.model import Leak, Place
from leakwatch.report import Report
from leakwatch.reports import text
from leakwatch.reports.source_locations import place_of
from leakwatch.reports.wording import printable


def render(report: Report) -> str:
    """One command a line, errors for leaks and notices for what is known."""
    return "".join(f"{line}\n" for line in lines(report))


def lines(report: Report) -> Iterator[str]:
    """The leaks, then the known ones, then the verdict with what else is to be known."""
    for leak in report.leaks:
        yield annotation("error", leak, report)
    for leak in report.known:
        yield annotation("notice", leak, report)
    for gap, reason in (("partial", report.partial), ("not judged", report.not_judged)):
        if reason:
            yield workflow_command("warning", f"leakwatch: {gap}", printable(reason))
    said = "\n".join(map(printable, [text.verdict(report), *report.notes]))
    yield workflow_command("notice" if report.ok else "error", "leakwatch", said)


def annotation(level: str, leak: Leak, report: Report) -> str:
    """The mark of one leak."""
    place = place_of(leak, report)
    title = f"{leak.pattern.code} {leak.pattern.title}" if leak.pattern else "memory leak"
    said = "\n".join(map(printable, [text.sentence(leak), text.facts(leak), *text.advice(leak)]))
    return workflow_command(level, title, said, place)


def workflow_command(level: str, title: str, said: str, place: Place | None = None) -> str:
    """One workflow command; nothing in it can end it or begin another one.

    Args:
        level: `error`, `warning` or `notice`.
        title: of the annotation.
        said: its text.
        place: the line to mark, if there is one.
    """
    where = f"file={value(place.file)},line={place.line}," if place else ""
    return f"::{level} {where}title={value(title)}::{message(said)}"


def message(content: str) -> str:
    """The text of a command."""
    return content.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def value(content: str) -> str:
    """A property of a command."""
    return message(printable(content)).replace(":", "%3A").replace(",", "%2C")
