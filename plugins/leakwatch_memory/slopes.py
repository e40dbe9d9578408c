"""What grows with each run or second: slopes over samples, and whether they last.

A slope is certain where the whole of its confidence interval is above zero. It lasts where it is
also more than noise, and goes on in the later half: what fills up becomes flatter.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from leakwatch.model import MemorySample, MemoryTrend
from leakwatch_memory import split
from leakwatch_memory.trends import FEWEST_POINTS, Point, theil_sen

MEAN_BLOCK = 64
"""Bytes of a small block, to compare with malloc's: most strings and numbers have 32 to 96."""
IN_BYTES = {"rss": 64 << 10, "uss": 64 << 10, "heap": 16 << 10}
IN_BLOCKS = 2 * IN_BYTES["heap"] // MEAN_BLOCK
LEAST = IN_BYTES | {"python_blocks": IN_BLOCKS, "interned": IN_BLOCKS}
"""Growth in the later runs that is none: resident memory comes in pages; a library's caches fill by
a few objects a run."""
LEAST_FOR_A_RUN = {"heap": 128, "python_blocks": 0.2, "interned": 0.2}
"""Slopes that are none, however long they go on: free chunks that malloc counts as in use, and what
happens once in many runs."""
IN_USE = frozenset({"heap", "python_blocks", "interned"})
"""Figures of what is in use: exact, so that they flatten at once where a cache has filled."""
SURVIVORS = "survivors"
BLOCKS_OF_A_SURVIVOR = 3
"""Its own small block, and two of the notes that are kept of it."""
PARTS = 3
"""Parts of the later runs that are compared by the least that each has."""
TRACKED_SHARE = 0.05
"""Tracked objects for each new small block from which on the blocks may belong to them."""


def trends_over(samples: Sequence[MemorySample]) -> tuple[MemoryTrend, ...]:
    """The slopes over the later samples, the one nearest the growth first."""
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


def lasting(
    trends: Sequence[MemoryTrend], samples: Sequence[MemorySample]
) -> dict[str, MemoryTrend]:
    """The trends that are above zero for certain, more than noise, and go on; by figure."""
    late = later(samples) if samples else ()
    span = place_of(late[-1]) - place_of(late[0]) if late else 0.0
    return {
        trend.figure: trend
        for trend in trends
        if trend.rises
        and (trend.per != "run" or trend.slope >= LEAST_FOR_A_RUN.get(trend.figure, 0))
        and trend.slope * span >= LEAST.get(trend.figure, 0)
        and goes_on(trend, points := points_of(late, trend.figure))
        and floor_rises(trend, points)
    }


def goes_on(trend: MemoryTrend, points: Sequence[Point]) -> bool:
    """Whether what is in use rises in the later half nearly as fast as in all."""
    half = points[len(points) // 2 :]
    if trend.figure not in IN_USE or len(half) < FEWEST_POINTS:
        return True
    found = theil_sen(half, trend.figure, trend.per)
    return found is not None and found.slope * 2 >= trend.slope


def floor_rises(trend: MemoryTrend, points: Sequence[Point]) -> bool:
    """Whether the least of a figure rises too, and by more than noise.

    What a collection frees comes back to its floor: cyclic garbage rises between two of them. What
    is in use is known exactly, so that its floor rises to the middle third and on from there.
    """
    ends = [len(points) * part // PARTS for part in range(PARTS + 1)]
    floors = [min(points[begin:end], key=lambda it: it[1]) for begin, end in pairwise(ends)]
    (_, lowest), *_, (_, highest) = floors
    if (highest - lowest) * PARTS < LEAST.get(trend.figure, 0) * (PARTS - 1):
        return False
    steps = pairwise(floors if trend.figure in IN_USE else (floors[0], floors[-1]))
    return all((y2 - y1) * 2 >= trend.slope * (x2 - x1) for (x1, y1), (x2, y2) in steps)


def later(samples: Sequence[MemorySample]) -> Sequence[MemorySample]:
    """Those after a third of the runs, by when most caches have filled; all if they are few."""
    last = place_of(samples[-1])
    late = [sample for sample in samples if place_of(sample) * 3 >= last]
    return late if len(late) > FEWEST_POINTS else samples[-2 * FEWEST_POINTS :]


def place_of(sample: MemorySample) -> float:
    """Where on its axis a sample lies: after so many runs, or where nothing is repeated seconds."""
    return float(sample.at if sample.runs is None else sample.runs)


def points_of(samples: Sequence[MemorySample], figure: str) -> list[Point]:
    """Places and values of a figure, without what leakwatch itself keeps."""
    own = OWN_BYTES.get(figure, ())
    return [
        (place_of(sample), float(value - sum(sample.figures.get(name, 0) for name in own)))
        for sample in samples
        if (value := value_of(sample, figure)) is not None
    ]


OWN_BYTES = {
    "rss": (split.OWN_FIGURE, split.LOOKS_FIGURE),
    "uss": (split.OWN_FIGURE, split.LOOKS_FIGURE),
    "heap": (split.OWN_FIGURE,),
}
"""Figures for our own part, by the figure that contains it."""


def value_of(sample: MemorySample, figure: str) -> int | None:
    """A figure of a sample; `heap` is all that malloc has in use."""
    if figure != "heap":
        return sample.figures.get(figure)
    used = sample.figures.get("heap_used")
    return None if used is None else used + sample.figures.get("mmap_used", 0)


@dataclass(frozen=True, slots=True)
class Rates:
    """What each run adds for certain; 0 where that is not known.

    Attributes:
        objects: bytes that the survivors retain.
        filling: bytes that containers retain which stop at a bound of their own.
        native: bytes that malloc has in use beyond them.
        blocks: small blocks of Python's that no survivor can have.
        interned: strings that are interned.
        tracked: objects that outlive their run, told or not.
    """

    objects: float = 0.0
    filling: float = 0.0
    native: float = 0.0
    blocks: float = 0.0
    interned: float = 0.0
    tracked: float = 0.0

    @property
    def are_of_tracked(self) -> bool:
        """Whether the blocks may belong to tracked objects that no leak was made of."""
        return (
            not (self.objects or self.filling) and self.tracked >= TRACKED_SHARE * self.blocks > 0
        )

    def by_part(self) -> dict[str, float]:
        """Bytes for each run, by the part of memory that grows."""
        untracked = 0.0 if self.are_of_tracked else self.blocks * MEAN_BLOCK
        return {
            split.OBJECTS: self.objects,
            split.FILLING: self.filling,
            split.NATIVE: self.native,
            split.UNTRACKED: untracked,
        }


def rates_of(
    samples: Sequence[MemorySample],
    lasting: Mapping[str, MemoryTrend],
    retained: int,
    filling: int = 0,
) -> Rates:
    """What each run adds, divided by what it is.

    Args:
        samples: of repeated work.
        lasting: the trends that last, by figure.
        retained: bytes that the survivors of all runs retain, without those that stop at a bound.
        filling: bytes that those retain.
    """
    slopes = {figure: trend.slope for figure, trend in lasting.items()}
    runs = samples[-1].runs or 1
    objects, full = retained / runs, filling / runs
    survivors = theil_sen(points_of(later(samples), SURVIVORS), SURVIVORS, "run")
    tracked = max(0.0, survivors.slope) if survivors is not None else 0.0
    known = (objects + full) / split.SMALLEST_BLOCK + tracked * BLOCKS_OF_A_SURVIVOR
    return Rates(
        objects=objects,
        filling=full,
        native=max(0.0, slopes.get("heap", 0.0) - objects - full),
        blocks=max(0.0, slopes.get("python_blocks", 0.0) - known),
        interned=slopes.get("interned", 0.0),
        tracked=tracked,
    )
