"""The growth of the process in words: what grew, what it is made of, how fast."""

from collections.abc import Iterator, Sequence

from leakwatch.model import MemoryGrowth, MemorySample, MemoryTrend
from leakwatch.report import Report
from leakwatch.reports.wording import about, counted, signed, size, sparkline

WORTH_A_LINE = 1 << 20
BYTES = (("rss", "RSS"), ("uss", "USS"), ("heap_used", "heap"))
COUNTS = ("threads", "fds", "sockets")
NOT_GROWING = "not growing"
NO_GROWTH = frozenset({"", NOT_GROWING, "bounded caches"})
"""Verdicts of no growth, or of one that stops by itself."""
BEYOND_OBJECTS = frozenset({"native", "untracked objects"})
"""Verdicts on growth that no leak of objects stands for."""
GIB = 1 << 30
SPARKS = 40
"""Columns of a sparkline: it fits behind its label on 80."""


def growth_aside(memory: MemoryGrowth | None) -> str:
    """What the verdict of a report without leaks says of a process that grows all the same."""
    if memory is None or not has_grown(memory):
        return ""
    # What was done once makes each process larger, imports too; that it goes on a slope proves.
    proved = any(trend.rises for trend in memory.trends)
    return f", but the process grows: {memory.verdict}" if proved else ""


def has_grown(memory: MemoryGrowth) -> bool:
    """Whether the verdict is one of growth."""
    return memory.verdict not in NO_GROWTH


def grows_beyond_objects(memory: MemoryGrowth | None) -> bool:
    """Whether the verdict is one of growth that no leak of objects stands for."""
    return memory is not None and memory.verdict in BEYOND_OBJECTS


def memory_lines(report: Report, *, in_full: bool = False) -> Iterator[str]:
    """The growth of the process beside what the survivors explain; none if it is too small.

    Args:
        report: any.
        in_full: with every figure and all parts. Without it, what is acted on, in four lines:
            the verdict with its evidence, how long it goes well, the course, and what to do next.
    """
    memory = report.memory
    if memory is None:
        return
    if not (report.leaks or has_grown(memory) or is_asked(report, memory)):
        return
    if in_full or not memory.verdict:
        found = [figures(memory, report), verdict(memory), parts(memory)]
    else:
        found = ["; ".join([verdict(memory), *handles(memory)])]
    found += [children(memory), rate(memory), course(memory), next_step(memory)]
    yield from (f"memory: {line}" for line in found if line)


def is_asked(report: Report, memory: MemoryGrowth) -> bool:
    """Whether memory is worth a line without any leak: it grew much, or a hunt asks if it grows."""
    change = memory.change
    grown = max(change.get("rss", 0), change.get("children_uss", 0))
    return grown >= WORTH_A_LINE or report.kind == "hunt"


def figures(memory: MemoryGrowth, report: Report) -> str:
    """The figures that changed, and what the leaks retain."""
    change = memory.change
    if "mmap_used" in change:
        change["heap_used"] = change.get("heap_used", 0) + change["mmap_used"]
    changed = [f"{label} {signed(change[name])}" for name, label in BYTES if name in change]
    changed += handles(memory)
    if not changed:
        return ""
    retained = sum(leak.retained_bytes for leak in report.leaks)
    share = f"; these leaks retain {size(retained)}" if report.leaks else ""
    return f"{', '.join(changed)}{share}"


def handles(memory: MemoryGrowth) -> list[str]:
    """The counts that changed."""
    change = memory.change
    return [f"{name} {change[name]:+d}" for name in COUNTS if change.get(name)]


def children(memory: MemoryGrowth) -> str:
    """What the processes do that this one has started: their memory is no part of the verdict."""
    number = memory.end.get("children", 0)
    if not number:
        return ""
    change = memory.change
    whose = "its" if number == 1 else "their"
    found = [f"the process has {counted(number, 'child', 'children')}"]
    if change.get("children"):
        found.append(f"{change['children']:+d}")
    found.append(f"{whose} memory {signed(change.get('children_uss', 0))}")
    if change.get("children_fds"):
        found.append(f"{whose} open files {change['children_fds']:+d}")
    return ", ".join(found)


def verdict(memory: MemoryGrowth) -> str:
    """The verdict with what it rests on."""
    return ": ".join([memory.verdict, "; ".join(memory.evidence)]) if memory.verdict else ""


def parts(memory: MemoryGrowth) -> str:
    """What the growth is made of, the largest part first."""
    total = sum(part.size for part in memory.parts)
    if not total or (memory.verdict and not has_grown(memory)):
        return ""
    largest = sorted(memory.parts, key=lambda part: -part.size)
    return ", ".join(f"{part.name} {size(part.size)} ({part.size / total:.0%})" for part in largest)


def rate(memory: MemoryGrowth) -> str:
    """How fast memory grows, and how long that can go on; empty unless it surely grows."""
    if memory.verdict and not has_grown(memory):
        return ""
    sure = [trend for trend in memory.trends if trend.rises and not trend.is_count]
    # What is taken from malloc may lie in memory that the process had: RSS follows late, and the
    # figure that surely grows most tells the rate.
    runs = [trend for trend in sure if trend.per == "run"]
    run = max(runs, key=lambda trend: trend.low, default=None)
    second = next((trend for trend in sure if trend.per == "second"), None)
    rates = [per_run(run, memory)] if run else []
    if second is not None:
        rates.append(f"at this rate 1 GiB in {duration(GIB / second.slope)}")
    return "; ".join(rates)


def next_step(memory: MemoryGrowth) -> str:
    """What to do about the verdict, as the advice on a leak says it."""
    return f"next   {memory.next}" if memory.next else ""


def per_run(trend: MemoryTrend, memory: MemoryGrowth) -> str:
    """The slope, and after how many runs a worker should be replaced."""
    grows = f"grows {with_uncertainty(trend)} per run, 1 GiB after {about(GIB / trend.slope)} runs"
    resident = memory.end.get("rss")
    if resident is None:
        return grows
    # At that point the process has twice its size, which most limits allow for.
    return f"{grows}; `max_requests` below {about(resident / trend.slope)} until it is fixed"


def with_uncertainty(trend: MemoryTrend) -> str:
    """The slope with its uncertainty, both in the unit of the slope."""
    number, unit = size(trend.slope).split()
    factor = trend.slope / float(number) if float(number) else 1.0
    uncertainty = f"{trend.uncertainty / factor:.1f}"
    return f"{number} ± {'<0.1' if uncertainty == '0.0' else uncertainty} {unit}"


def duration(seconds: float) -> str:
    """Seconds in the unit that leaves the fewest digits."""
    for unit, length in (("d", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= 2 * length:
            return f"{about(seconds / length)} {unit}"
    return f"{about(seconds)} s"


def course(memory: MemoryGrowth) -> str:
    """A sparkline of the resident memory over the runs."""
    seen = [sample for sample in memory.samples if "rss" in sample.figures]
    if len(seen) < SPARKS // 10 or memory.verdict == NOT_GROWING:
        return ""
    values = [sample.figures["rss"] for sample in evenly(seen)]
    span = counted(seen[-1].runs, "run") if seen[-1].runs else f"{seen[-1].at:.0f} s"
    resident = f"RSS {size(values[0])} to {size(values[-1])}"
    return f"{sparkline(values)} {', '.join([resident, *survivors(seen)])} over {span}"


def survivors(samples: Sequence[MemorySample]) -> Iterator[str]:
    """The number of objects that outlived their scopes, at both ends, if it was counted and rose.

    A hunt counts parts of the leaked objects too, and the leaks have the number that is meant.
    """
    once = [it.figures for it in samples if it.runs is None]
    counts = [figures["survivors"] for figures in once if "survivors" in figures]
    if counts and counts[-1] > counts[0]:
        yield f"survivors {counts[0]:,} to {counts[-1]:,}"


def evenly(samples: Sequence[MemorySample]) -> list[MemorySample]:
    """As many samples as there are columns, evenly spread over runs or time."""
    places = [float(sample.runs if sample.runs is not None else sample.at) for sample in samples]
    first_place, span = places[0], places[-1] - places[0]
    columns = min(SPARKS, len(samples))
    found, index = [], 0
    for column in range(columns):
        wanted = first_place + span * column / max(1, columns - 1)
        while index < len(places) - 1 and places[index] < wanted:
            index += 1
        found.append(samples[index])
    return found
