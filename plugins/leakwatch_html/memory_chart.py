"""The course of the process's memory, as data for the chart."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from leakwatch import Report
from leakwatch.extending import printable
from leakwatch.model import MemoryGrowth
from leakwatch_html.leaks import Row

LINES = {
    "rss": "resident (RSS)",
    "uss": "unshared (USS)",
    "heap_used": "malloc, small blocks",
    "mmap_used": "malloc, large blocks",
}
"""Figures that are drawn, with their names."""
COUNTED = {"survivors": "objects that outlived their work", "tracked": "registered objects"}
"""Counts that are drawn, on an axis of their own on the right."""
MOST_DOTS = 100
"""Leaks marked in the chart, largest first; more could not be seen apart."""


@dataclass(frozen=True, slots=True)
class Moment:
    """Figures at one point of the chart.

    Attributes:
        at: where on its axis: runs done, seconds, or 0 and 1 where only the ends are known.
        figures: figure by name.
    """

    at: float
    figures: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Course:
    """What the chart shows.

    Attributes:
        unit: of the axis of time: `run`, `s`, or empty where only the ends are known.
        moments: at least two, in order, no two at one place.
        names: the figures that changed, each a line.
        counts: the counts that changed, likewise.
    """

    unit: str
    moments: Sequence[Moment]
    names: Sequence[str]
    counts: Sequence[str] = ()


def course(memory: MemoryGrowth) -> Course | None:
    """The course of a growth, or None if there is nothing to draw."""
    unit, moments = sampled(memory)
    names, counts = (
        [name for name in known if changes([moment.figures.get(name) for moment in moments])]
        for known in (LINES, COUNTED)
    )
    return Course(unit, moments, names, counts) if names else None


def sampled(memory: MemoryGrowth) -> tuple[str, list[Moment]]:
    """The unit of time, and the samples between the ends; only the ends where there are none."""
    samples = memory.samples
    runs = [sample.runs for sample in samples if sample.runs is not None]
    repeated = len(runs) == len(samples)
    places = runs if repeated else [sample.at for sample in samples]
    found = [Moment(at, sample.figures) for at, sample in zip(places, samples, strict=True)]
    moments = list(forwards([Moment(0, memory.start), *found]))
    if len(moments) < 3:
        return "", [Moment(0, memory.start), Moment(1, memory.end)]
    return "run" if repeated else "s", moments


def forwards(moments: Sequence[Moment]) -> Iterator[Moment]:
    """The moments that lie behind all before them."""
    reached = -1.0
    for moment in moments:
        if moment.at > reached:
            reached = moment.at
            yield moment


def changes(values: Sequence[int | None]) -> bool:
    """Whether a figure was read with different results; the same ones are no line to draw."""
    return len({value for value in values if value is not None}) > 1


def chart(report: Report, shown: Course, rows: Sequence[Row]) -> dict[str, Any]:
    """Lines of growth since the start, the scope as a band, leaks as dots where they were found.

    Growth and not the absolute figures: on one axis with them a leak would lie at the bottom.

    Args:
        report: the one that the course is of.
        shown: its course.
        rows: the rows to which the dots lead.

    Returns:
        plain data: `unit`, `at` (places on the axis of time), `lines` (a label, and bytes or
        None for each place), `counts` (the same with numbers of objects), `bands` (name, from,
        to) and `dots` (place, bytes, label, anchor).
    """
    at = [moment.at for moment in shown.moments]
    dots = [dot(row, at[-1]) for row in rows[:MOST_DOTS] if row.status == "new"]
    return {
        "unit": shown.unit,
        "at": at,
        "lines": [{"label": LINES[name], "values": growth(shown, name)} for name in shown.names],
        "counts": [
            {"label": COUNTED[name], "values": [it.figures.get(name) for it in shown.moments]}
            for name in shown.counts
        ],
        "bands": [{"name": printable(report.scope), "from": at[0], "to": at[-1]}],
        "dots": dots,
    }


def growth(shown: Course, name: str) -> list[int | None]:
    """A figure since it was first read; None where it was not."""
    values = [moment.figures.get(name) for moment in shown.moments]
    first = next(value for value in values if value is not None)
    return [None if value is None else value - first for value in values]


def dot(row: Row, at: float) -> dict[str, Any]:
    """A leak in the chart; it was found at the end."""
    label = printable(f"{row.short_name}: {row.size}")
    return {"at": at, "bytes": row.leak.retained_bytes, "label": label, "anchor": row.anchor}
