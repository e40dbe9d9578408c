"""The process's memory over the report's time: growth, what it is made of, figures."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from leakwatch import Report
from leakwatch.extending import size
from leakwatch.model import MemoryGrowth
from leakwatch_html.leaks import Row
from leakwatch_html.memory_chart import COUNTED, LINES, chart, course

BYTES = {
    **LINES,
    "pss": "proportional (PSS)",
    "shared": "mapped files",
    "leakwatch_bytes": "notes of leakwatch itself",
    "leakwatch_looks": "left by leakwatch's looks at the heap",
}
COUNTS = {
    **COUNTED,
    "python_blocks": "blocks of Python's allocator",
    "interned": "interned strings",
    "threads": "threads",
    "fds": "open files",
    "sockets": "open sockets",
    "gc_collections": "collections",
}
TRENDS = {
    "heap": "The heap in use",
    "python_blocks": "The number of blocks of Python's allocator",
    "interned": "The number of interned strings",
}


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
class Part:
    """A part of the growth, as a stretch of the bar.

    Attributes:
        name: what it is.
        size: bytes with a unit.
        evidence: where that is known from; may be empty.
        begin: where its stretch begins, in per cent of the growth.
        share: its length, in per cent.
    """

    name: str
    size: str
    evidence: str
    begin: float
    share: float


@dataclass(frozen=True, slots=True)
class Story:
    """The part of the page on memory.

    Attributes:
        summary: growth and what the leaks have of it, in a sentence; empty if unknown.
        verdict: what a plugin makes of the figures, in a word or a few; empty without one.
        remarks: what the verdict rests on, and trends, in sentences.
        next: what to do about it, in a sentence; may be empty.
        share: per cent of the growth that the leaks retain; None if that is no part of it.
        parts: what the growth is made of; none if nothing is known.
        figures: the table.
        lines: labels of the chart's lines, in their order.
        counts: labels of the lines that count objects, likewise.
        chart: data for the chart, or None if there is nothing to draw.
    """

    summary: str
    verdict: str
    remarks: list[str]
    next: str
    share: int | None
    parts: list[Part]
    figures: list[Figure]
    lines: list[str]
    counts: list[str]
    chart: dict[str, Any] | None


def story(report: Report, rows: Sequence[Row]) -> Story | None:
    """What the page says of the process's memory; None if nothing was measured."""
    if report.memory is None or not (report.memory.start or report.memory.end):
        return None
    retained = sum(leak.retained_bytes for leak in report.leaks)
    shown = course(report.memory)
    return Story(
        summary=summary(report.memory, retained),
        verdict=verdict(report.memory),
        remarks=list(remarks(report.memory)),
        next=report.memory.next,
        share=share(report.memory, retained),
        parts=list(parts(report.memory, retained)),
        figures=list(figures(report.memory)),
        lines=[LINES[name] for name in shown.names] if shown else [],
        counts=[COUNTED[name] for name in shown.counts] if shown else [],
        chart=chart(report, shown, rows) if shown else None,
    )


def summary(memory: MemoryGrowth, retained: int) -> str:
    """What resident memory did, and what the leaks retain."""
    grown = memory.change.get("rss")
    if grown is None:
        return ""
    did = f"grew by {size(grown)}" if grown > 0 else f"shrank by {size(-grown)}"
    beside = f"; the leaks retain {size(retained)}" if retained else ""
    earlier = ", part of it in memory that the process had already"
    return (
        f"Resident memory {did if grown else 'did not grow'}{beside}"
        f"{earlier if retained > max(grown, 0) else ''}."
    )


def verdict(memory: MemoryGrowth | None) -> str:
    """A plugin's verdict on the figures, if there are any."""
    return memory.verdict if memory is not None else ""


def is_growing(memory: MemoryGrowth | None) -> bool:
    """Whether a plugin says that the process grows, whatever it is that grows."""
    return verdict(memory) not in {"", "not growing", "undecided"}


def remarks(memory: MemoryGrowth) -> Iterator[str]:
    """What a verdict rests on, and how fast the figures change."""
    yield from memory.evidence
    for trend in memory.trends:
        figure = TRENDS.get(trend.figure) or trend.figure.upper()
        written = tenths if trend.figure in COUNTS else size
        slope, width = written(trend.slope), written(trend.uncertainty)
        yield f"{figure} changes by {slope} ± {width} per {trend.per} ({trend.points} samples)."


def tenths(number: float) -> str:
    """A count for each run or second."""
    return f"{number:,.1f}"


def share(memory: MemoryGrowth, retained: int) -> int | None:
    """Per cent of the growth of resident memory that the leaks retain, where it is a part."""
    grown = memory.change.get("rss", 0)
    return round(100 * retained / grown) if 0 < retained <= grown else None


def parts(memory: MemoryGrowth, retained: int) -> Iterator[Part]:
    """The growth in parts: a plugin's, or what the leaks retain beside the rest."""
    sizes = [(part.name, part.size, part.evidence) for part in memory.parts if part.size > 0]
    if not sizes and share(memory, retained) is not None:
        rest = memory.change["rss"] - retained
        sizes = [("retained by the leaks", retained, ""), ("not explained by them", rest, "")]
    whole = sum(amount for _, amount, _ in sizes)
    begin = 0.0
    for name, amount, evidence in sizes:
        length = 100 * amount / whole
        yield Part(name, size(amount), evidence, begin, length)
        begin += length


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
