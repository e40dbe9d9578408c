"""The process's memory over the report's time, as a table and as data for the chart."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from leakwatch import Report
from leakwatch.extending import printable, size
from leakwatch.model import MemoryGrowth
from leakwatch_html.leaks import Row

BYTES = {
    "rss": "resident (RSS)",
    "uss": "unshared (USS)",
    "heap_used": "malloc, small blocks",
    "mmap_used": "malloc, large blocks",
}
COUNTS = {
    "python_blocks": "blocks of Python's allocator",
    "threads": "threads",
    "fds": "open files",
}
MOST_DOTS = 100
"""Leaks marked in the chart, largest first; more could not be told apart."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One row of the table.

    Attributes:
        label: what was measured.
        start: at the beginning, with a unit; empty if it could not be read.
        end: at the end, likewise.
        change: the difference with a sign, or `none`; empty where one side is missing.
        grown: whether it is larger at the end.
    """

    label: str
    start: str
    end: str
    change: str
    grown: bool


@dataclass(frozen=True, slots=True)
class Story:
    """The part of the page that tells of memory.

    Attributes:
        summary: growth and what the leaks have of it, in a sentence; empty if unknown.
        share: per cent of the growth that the leaks retain; None if that is no part of it.
        figures: the table.
        lines: labels of the chart's lines, in their order.
        chart: data for the chart, or None if there is nothing to draw.
    """

    summary: str
    share: int | None
    figures: list[Figure]
    lines: list[str]
    chart: dict[str, Any] | None


def story(report: Report, rows: Sequence[Row]) -> Story | None:
    """What there is to tell of the process's memory; None if nothing was measured."""
    if report.memory is None or not (report.memory.start or report.memory.end):
        return None
    retained = sum(leak.retained_bytes for leak in report.leaks)
    # A figure that stayed the same would be a line on the axis.
    lines = [name for name in BYTES if report.memory.change.get(name)]
    return Story(
        summary=summary(report.memory, retained),
        share=share(report.memory, retained),
        figures=list(figures(report.memory)),
        lines=[BYTES[name] for name in lines],
        chart=chart(report, lines, rows) if lines else None,
    )


def summary(memory: MemoryGrowth, retained: int) -> str:
    """What resident memory did, and what the leaks retain."""
    grown = memory.change.get("rss")
    if grown is None:
        return ""
    did = f"grew by {size(grown)}" if grown > 0 else f"shrank by {size(-grown)}"
    beside = f"; the leaks retain {size(retained)}" if retained else ""
    earlier = (
        ", part of it in memory that the process had already" if retained > max(grown, 0) else ""
    )
    return f"Resident memory {did if grown else 'did not grow'}{beside}{earlier}."


def share(memory: MemoryGrowth, retained: int) -> int | None:
    """Per cent of the growth of resident memory that the leaks retain, where it is a part."""
    grown = memory.change.get("rss", 0)
    return round(100 * retained / grown) if 0 < retained <= grown else None


def figures(memory: MemoryGrowth) -> Iterator[Figure]:
    """The table: what is known by name first, then whatever else a plugin has measured."""
    measured = {**memory.start, **memory.end}
    for name in [*filter(measured.__contains__, [*BYTES, *COUNTS]), *others(measured)]:
        start, end = memory.start.get(name), memory.end.get(name)
        change = memory.change.get(name)
        yield Figure(
            label=BYTES.get(name) or COUNTS.get(name) or name,
            start=written(name, start),
            end=written(name, end),
            change=difference(name, change),
            grown=(change or 0) > 0,
        )


def difference(name: str, change: int | None) -> str:
    """A change with its sign; nothing where one end could not be read."""
    if change == 0:
        return "none"
    return f"{'+' if (change or 0) > 0 else ''}{written(name, change)}"


def others(measured: dict[str, int]) -> list[str]:
    """Names of figures that this page has no words for."""
    return [name for name in measured if name not in BYTES and name not in COUNTS]


def written(name: str, value: int | None) -> str:
    """A figure with its unit; nothing for one that could not be read."""
    if value is None:
        return ""
    return size(value) if name in BYTES else f"{value:,}"


def chart(report: Report, lines: Sequence[str], rows: Sequence[Row]) -> dict[str, Any]:
    """Lines of growth since the start, the scope as a band, leaks as dots where they were found.

    Growth and not the absolute figures: on one axis with them a leak would lie at the bottom.

    Args:
        report: with memory figures.
        lines: names of the figures to draw, read at both ends.
        rows: the rows to which the dots lead.

    Returns:
        plain data: `at` (positions in time), `ticks` (a word for each), `lines` (values in
        bytes), `bands` (name, from, to) and `dots` (position, bytes, label, anchor).
    """
    assert report.memory is not None
    change = report.memory.change
    return {
        "at": [0, 1],
        "ticks": ["start", "end"],
        "lines": [{"label": BYTES[name], "values": [0, change[name]]} for name in lines],
        "bands": [{"name": printable(report.scope), "from": 0, "to": 1}],
        "dots": [dot(row) for row in rows[:MOST_DOTS] if row.status == "new"],
    }


def dot(row: Row) -> dict[str, Any]:
    """A leak in the chart; it was found at the end."""
    label = printable(f"{row.short_name}: {row.size}")
    return {"at": 1, "bytes": row.leak.retained_bytes, "label": label, "anchor": row.anchor}
