"""The verdict on a process's memory: objects, native, the allocator, or no growth at all."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from leakwatch import Report
from leakwatch.extending import size
from leakwatch.model import MemoryGrowth, MemoryPart, MemorySample, MemoryTrend
from leakwatch_memory import split
from leakwatch_memory.figures import trim as trim_heap
from leakwatch_memory.trends import FEWEST_POINTS, Point, note_end, theil_sen, trends_of

MIB = 1 << 20
NOT_GROWING = "not growing"
UNDECIDED = "undecided"
WORDS = {
    split.OBJECTS: "objects",
    split.NATIVE: "native",
    split.SLACK: "allocator keeps freed memory",
    split.MAPPED: "mapped files",
    split.UNEXPLAINED: UNDECIDED,
}
LEAST = {"rss": 64 << 10, "uss": 64 << 10, "heap": 16 << 10}
"""Growth in the later runs that is none: resident memory comes in pages, malloc's in bytes."""


def explain(report: Report, *, trim: bool) -> MemoryGrowth | None:
    """The memory of a report with its verdict, or None where there is nothing to say.

    Args:
        report: any report with figures.
        trim: whether to ask the allocator for what it keeps, which proves the slack.
    """
    memory = report.memory
    if memory is None:
        return None
    if report.kind == "scope":
        note_end(report.scope, memory.end)
    grown = memory.change.get(split.base_of(memory.change))
    repeated = report.kind == "hunt" and bool(memory.samples)
    if grown is None or (grown < MIB and not repeated):
        return None
    return judged(report, memory, trim=trim, repeated=repeated)


def judged(report: Report, memory: MemoryGrowth, *, trim: bool, repeated: bool) -> MemoryGrowth:
    """The memory with verdict, parts, trends and evidence."""
    retained = sum(leak.retained_bytes for leak in (*report.leaks, *report.known, *report.in_use))
    trimmed = trim_heap() if trim else None
    parts = split.parts_of(memory, retained, trimmed.released if trimmed else None)
    trends = trends_over(memory.samples) if memory.samples else trends_of(report.scope)
    places = [place_of(sample) for sample in later(memory.samples)] if memory.samples else [0.0]
    lasting = {trend.figure for trend in trends if lasts(trend, places[-1] - places[0])}
    still = bool(retained) or not repeated or bool(lasting)
    verdict = NOT_GROWING
    if "heap" in lasting and not retained and malloc_leads(memory, parts):
        verdict = WORDS[split.NATIVE]
    elif still and of_the_program(parts):
        verdict = WORDS[largest(parts).name]
    return replace(
        memory,
        verdict=verdict,
        parts=parts,
        trends=trends,
        evidence=tuple(evidence(verdict, memory, parts)),
    )


def malloc_leads(memory: MemoryGrowth, parts: Sequence[MemoryPart]) -> bool:
    """Whether malloc has at least half of the growth, or grew in memory that was there already."""
    grown = sum(part.size for part in of_the_program(parts))
    return 2 * (split.in_malloc(memory.change) or 0) >= grown


def of_the_program(parts: Sequence[MemoryPart]) -> list[MemoryPart]:
    """The parts without leakwatch's own."""
    return [part for part in parts if part.name != split.OWN]


def largest(parts: Sequence[MemoryPart]) -> MemoryPart:
    """The largest part of the program's growth."""
    return max(of_the_program(parts), key=lambda part: part.size)


def evidence(verdict: str, memory: MemoryGrowth, parts: Sequence[MemoryPart]) -> Iterator[str]:
    """What the verdict rests on."""
    base = split.base_of(memory.change)
    grown = memory.change[base]
    own = sum(part.size for part in parts if part.name == split.OWN)
    if verdict == NOT_GROWING:
        yield f"{base.upper()} {signed(grown)} in all, and the later runs add nothing to it"
        return
    if verdict == WORDS[split.NATIVE]:
        malloc = split.in_malloc(memory.change) or 0
        earlier = ", in memory that the process had already" if malloc > max(grown, 0) else ""
        yield f"malloc has {size(malloc)} more in use{earlier}; {base.upper()} {signed(grown)}"
        return
    main = largest(parts)
    aside = f" (without {size(own)} of leakwatch's)" if own else ""
    share = f"{main.size / (grown - own):.0%} of {base.upper()} {signed(grown - own)}{aside}"
    yield f"{share}: {main.evidence or main.name}"


def signed(number: int) -> str:
    """Bytes with a sign."""
    return f"+{size(number)}" if number >= 0 else size(number)


def trends_over(samples: Sequence[MemorySample]) -> tuple[MemoryTrend, ...]:
    """The slopes over the later half of the samples, the one nearest the growth first."""
    late = later(samples)
    last = place_of(late[-1])
    per = "second" if late[-1].runs is None else "run"
    points = {figure: points_of(late, figure) for figure in LEAST}
    found = (
        theil_sen(known, figure, per)
        for figure, known in points.items()
        # A figure that was too dear to be read to the end says nothing of the end.
        if known and known[-1][0] >= 0.8 * last
    )
    trends = {trend.figure: trend for trend in found if trend is not None}
    if "uss" in trends and "rss" in trends:
        # What is the process's own says more, unless it was too dear to be read often.
        often = trends["uss"].points * 3 >= trends["rss"].points * 2
        trends.pop("rss" if often else "uss")
    return tuple(trends.values())


def later(samples: Sequence[MemorySample]) -> Sequence[MemorySample]:
    """Those after a third of the runs, by when most caches have filled; all if they are few."""
    last = place_of(samples[-1])
    late = [sample for sample in samples if place_of(sample) * 3 >= last]
    return late if len(late) > FEWEST_POINTS else samples[-2 * FEWEST_POINTS :]


def place_of(sample: MemorySample) -> float:
    """Where on its axis a sample lies: after so many runs, or where nothing is repeated seconds."""
    return float(sample.at if sample.runs is None else sample.runs)


def points_of(samples: Sequence[MemorySample], figure: str) -> list[Point]:
    """Places and bytes of a figure, without what leakwatch itself keeps."""
    own = (split.OWN_FIGURE,) if figure == "heap" else (split.OWN_FIGURE, split.LOOKS_FIGURE)
    return [
        (place_of(sample), float(value - sum(sample.figures.get(name, 0) for name in own)))
        for sample in samples
        if (value := value_of(sample, figure)) is not None
    ]


def value_of(sample: MemorySample, figure: str) -> int | None:
    """A figure of a sample; `heap` is all that malloc has in use."""
    if figure != "heap":
        return sample.figures.get(figure)
    used = sample.figures.get("heap_used")
    return None if used is None else used + sample.figures.get("mmap_used", 0)


def lasts(trend: MemoryTrend, span: float) -> bool:
    """Whether a trend is above zero for certain, and more than noise over its span."""
    return trend.low > 0 and trend.slope * span >= LEAST.get(trend.figure, 0)
