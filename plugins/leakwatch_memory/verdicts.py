"""The verdict on a process's memory: objects, native, the allocator, or no growth at all."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from leakwatch import Report
from leakwatch.extending import signed, size
from leakwatch.model import MemoryGrowth, MemoryPart, MemoryTrend
from leakwatch_memory import split
from leakwatch_memory.figures import base_of
from leakwatch_memory.figures import trim as trim_heap
from leakwatch_memory.slopes import Rates, lasting, rates_of, trends_over
from leakwatch_memory.trends import trends_of

WHOLE_PROCESS = frozenset({"run", "growing"})
"""Kinds of reports on all that a process does, what it imports as well: a total proves nothing."""
NOT_GROWING = "not growing"
UNDECIDED = "undecided"
WORDS = {
    split.OBJECTS: "objects",
    split.FILLING: "bounded caches",
    split.NATIVE: "native",
    split.UNTRACKED: "untracked objects",
    split.SLACK: "allocator keeps freed memory",
    split.MAPPED: "mapped files",
    split.UNEXPLAINED: UNDECIDED,
}
NEXT = {
    WORDS[split.OBJECTS]: "cut the reference that the largest leak names",
    WORDS[split.FILLING]: "nothing leaks: they stop at their bounds; lower ones take less memory",
    WORDS[split.NATIVE]: (
        "`memray run --native -o native.bin PROGRAM`, then `memray flamegraph --leaks native.bin`: "
        "it shows which C code allocates what nobody frees"
    ),
    WORDS[split.UNTRACKED]: (
        "compare two `tracemalloc` snapshots some runs apart: they name the lines that make them. "
        "A line that calls an extension: known there? upgrade or report; "
        "one that calls sys.intern, or makes attributes of new names: use keys of a dict"
    ),
    WORDS[split.SLACK]: (
        "nothing leaks; MALLOC_ARENA_MAX=2 or psutil.heap_trim() after a burst gives it back"
    ),
    WORDS[split.MAPPED]: "files or libraries were mapped; the system takes those pages back",
    UNDECIDED: "repeat the work alone and more often: `leakwatch hunt --runs 100 MODULE:FUNCTION`",
}
"""What to do about it, by verdict."""


def judged(report: Report, memory: MemoryGrowth, *, trim: bool, repeated: bool) -> MemoryGrowth:
    """The memory with verdict, parts, trends, evidence and what to do next."""
    found = (*report.leaks, *report.known, *report.in_use)
    retained = sum(leak.retained_bytes for leak in found if not leak.bounded)
    trimmed = trim_heap() if trim else None
    parts = split.parts_of(memory, retained, trimmed.released if trimmed else None)
    trends = trends_over(memory.samples) if memory.samples else trends_of(report.scope)
    lasts = lasting(trends, memory.samples)
    rates = rates_of(memory.samples, lasts, retained, memory.filling) if repeated else Rates()
    verdict = of_runs(rates, lasts, parts) if repeated else of_one(memory, lasts, parts, retained)
    total_only = report.kind in WHOLE_PROCESS and not any(trend.rises for trend in trends)
    if verdict == UNDECIDED and total_only:
        return replace(memory, trends=trends)
    return replace(
        memory,
        verdict=verdict,
        next="" if total_only and report.leaks else NEXT.get(verdict, ""),
        parts=parts,
        trends=trends,
        evidence=tuple(evidence(verdict, memory, parts, rates)),
    )


def of_runs(rates: Rates, lasts: Mapping[str, MemoryTrend], parts: Sequence[MemoryPart]) -> str:
    """The verdict on repeated work: what grows for certain decides, and not the total.

    The total has what happens once, such as memory that is given back.
    """
    grows = {name: rate for name, rate in rates.by_part().items() if rate > 0}
    resident = max((lasts[name].slope for name in ("uss", "rss") if name in lasts), default=0.0)
    if grows and 2 * sum(grows.values()) >= resident:
        return WORDS[leading(grows)]
    if not lasts and not grows:
        return NOT_GROWING
    known = of_the_program(parts) and not rates.are_of_tracked
    return WORDS[largest(parts).name] if known else UNDECIDED


def leading(grows: Mapping[str, float]) -> str:
    """The part that grows most; what stops by itself only where little else grows."""
    others = {name: rate for name, rate in grows.items() if name != split.FILLING}
    if 2 * sum(others.values()) < grows.get(split.FILLING, 0.0):
        return split.FILLING
    return max(others, key=lambda name: others[name])


def of_one(
    memory: MemoryGrowth,
    lasts: Mapping[str, MemoryTrend],
    parts: Sequence[MemoryPart],
    retained: int,
) -> str:
    """The verdict on work that was done once: the largest part of its growth."""
    if "heap" in lasts and not retained and malloc_leads(memory, parts):
        return WORDS[split.NATIVE]
    return WORDS[largest(parts).name] if of_the_program(parts) else NOT_GROWING


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


def evidence(
    verdict: str, memory: MemoryGrowth, parts: Sequence[MemoryPart], rates: Rates
) -> Iterator[str]:
    """What the verdict rests on."""
    base = base_of(memory.change)
    total = f"{base.upper()} {signed(memory.change[base])}"
    if verdict == NOT_GROWING:
        yield f"{total} in all, and the later runs add {added_later(memory)}"
    elif verdict == WORDS[split.NATIVE]:
        yield in_malloc(memory, total)
    elif verdict == WORDS[split.FILLING]:
        yield f"containers with a bound of their own hold {size(memory.filling)} of {total}"
    elif verdict == WORDS[split.UNTRACKED]:
        yield from in_blocks(rates)
    elif rates.are_of_tracked:
        yield (
            f"each run leaves {about(rates.tracked)} more objects that no leak explains, and "
            f"{about(rates.blocks)} more small blocks in use by Python"
        )
    elif of_the_program(parts):
        yield share_of_largest(memory, parts)
    else:
        yield f"{total} in all, though the later runs add to it"


def added_later(memory: MemoryGrowth) -> str:
    """What the later runs of work that does not grow add to it."""
    trends = trends_over(memory.samples) if memory.samples else ()
    return "no more than noise" if any(trend.rises for trend in trends) else "nothing to it"


def in_malloc(memory: MemoryGrowth, total: str) -> str:
    """What malloc has in use, beside the growth of the process."""
    malloc = split.in_malloc(memory.change) or 0
    grown = memory.change[base_of(memory.change)]
    earlier = ", in memory that the process had already" if malloc > max(grown, 0) else ""
    return f"malloc has {size(malloc)} more in use{earlier}; {total}"


def in_blocks(rates: Rates) -> Iterator[str]:
    """What each run adds in small blocks of Python's, and what is known of them."""
    yield (
        f"each run leaves {about(rates.blocks)} more small blocks in use by Python, and no leak "
        "explains them: strings, numbers, bytes and other objects that the collector does not track"
    )
    if rates.interned * 2 >= rates.blocks:
        yield (
            f"interned strings grow by {about(rates.interned)} per run "
            "(sys.getunicodeinternedsize())"
        )
    if rates.native > 0:
        yield f"malloc has {size(rates.native)} more in use per run"


def share_of_largest(memory: MemoryGrowth, parts: Sequence[MemoryPart]) -> str:
    """The largest part with its share of the growth, and where that is known from."""
    base = base_of(memory.change)
    own = sum(part.size for part in parts if part.name == split.OWN)
    grown = memory.change[base] - own
    main = largest(parts)
    aside = f" (without {size(own)} of leakwatch's)" if own else ""
    share = f"{main.size / grown:.0%} of {base.upper()} {signed(grown)}{aside}"
    return f"{share}: {main.evidence or main.name}"


def about(number: float) -> str:
    """A number of things for each run, as short as it can be said."""
    return f"{number:,.0f}" if number >= 10 else f"{number:.2g}"
