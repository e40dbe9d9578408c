"""The process's memory as values: figures, their course, what the growth is made of."""

from dataclasses import dataclass

COUNTS = frozenset({"python_blocks", "interned", "gc_collections", "threads", "fds", "sockets"})
"""Figures that count something; the others are in bytes."""


@dataclass(frozen=True, slots=True)
class MemorySample:
    """Figures of the process at one moment.

    Attributes:
        at: seconds since the first sample.
        runs: how often the work had been done by then, or None where nothing is repeated.
        figures: figure by name, in bytes or counts.
    """

    at: float
    runs: int | None
    figures: dict[str, int]


@dataclass(frozen=True, slots=True)
class MemoryPart:
    """A part of the growth.

    Attributes:
        name: `Python objects`, `native heap`, `allocator slack`, `mapped files and libraries`,
            `leakwatch itself` or `unexplained`.
        size: bytes; the parts of a growth add up to it.
        evidence: the figures that it comes from, in words.
    """

    name: str
    size: int
    evidence: str = ""


@dataclass(frozen=True, slots=True)
class MemoryTrend:
    """The slope of a figure over repeated work.

    Attributes:
        figure: which figure, such as `uss`; `python_blocks` and `interned` are counts.
        per: `run` or `second`.
        slope: bytes, or of a count how many, per run or second (Theil-Sen).
        low: lower end of its 95 % confidence interval.
        high: upper end of it.
        points: how many samples it comes from.
    """

    figure: str
    per: str
    slope: float
    low: float
    high: float
    points: int

    @property
    def is_count(self) -> bool:
        """Whether the figure counts something, and is not in bytes."""
        return self.figure in COUNTS

    @property
    def rises(self) -> bool:
        """Whether the figure rises for certain."""
        return self.low > 0

    @property
    def uncertainty(self) -> float:
        """The larger distance from the slope to an end of its interval."""
        return max(self.high - self.slope, self.slope - self.low)


@dataclass(frozen=True, slots=True)
class MemoryGrowth:
    """Figures of the process at both ends of a scope, and what is made of them.

    Attributes:
        start: figure by name (`rss`, `uss`, `heap_used`, `threads`, `fds`); bytes or counts.
        end: the same figures at the end; a figure missing on one side could not be read.
        verdict: `objects`, `native`, `untracked objects`, `allocator keeps freed memory`,
            `mapped files`, `bounded caches`, `not growing`, `undecided`; empty where no plugin
            judged.
        evidence: what the verdict rests on, in sentences.
        parts: what the growth is made of, none where the process did not grow.
        trends: slopes over repeated work, the one that decides first.
        samples: the figures in between, oldest first.
        next: what to do about the verdict, in a sentence; empty where nothing is to be done.
        filling: bytes retained by containers that have a bound of their own, and stop there.
    """

    start: dict[str, int]
    end: dict[str, int]
    verdict: str = ""
    evidence: tuple[str, ...] = ()
    parts: tuple[MemoryPart, ...] = ()
    trends: tuple[MemoryTrend, ...] = ()
    samples: tuple[MemorySample, ...] = ()
    next: str = ""
    filling: int = 0

    @property
    def change(self) -> dict[str, int]:
        """End minus start, for every figure read at both ends."""
        return {name: self.end[name] - self.start[name] for name in self.start if name in self.end}
