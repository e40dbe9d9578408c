"""The figures of the process in the course of repeated work."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise, repeat

from leakwatch.growth.own_notes import Column
from leakwatch.heap.objects import shallow_size
from leakwatch.interpreter import monotonic
from leakwatch.model import MemoryGrowth, MemorySample
from leakwatch.reports.wording import counted
from leakwatch.tracking.case import Host

OWN = "leakwatch_bytes"
"""The figure for what leakwatch itself keeps: it grows with the survivors that it counts."""
LOOKS = "leakwatch_looks"
"""The figure for what its looks at the whole heap have left in the allocator."""
SURVIVORS = "survivors"
"""The count of objects that outlived their run."""
MOST_SAMPLES = 512
"""Beyond it every second sample is dropped: what is left still covers all runs."""
MISSING = -1
MALLOC = ("heap_used", "mmap_used")
IN_USE = {MALLOC: 128, ("python_blocks",): 0.2}
"""Figures of what an allocator has in use, with the least growth for a run that is one."""
PARTS = 3
"""Parts of a round that are compared by the least that was in use in each."""


class MemorySamples:
    """Samples of the figures, taken between runs.

    They are kept in columns of leakwatch: a list or a dict that grows run by run would be the first
    leak that a hunt finds.

    Args:
        host: the session.
        name: of the work, which is announced.
    """

    def __init__(self, host: Host, name: str) -> None:
        self._host = host
        self._began = monotonic()
        self._at = Column("d")
        self._runs = Column("q")
        self._columns = {name: Column("q") for name in (OWN, LOOKS, SURVIVORS)}
        self._left_by_looks = 0
        self._round = self._target = self._most = self._first = self._runs_before = 0
        self._grown = 0
        self._growth: MemoryGrowth | None = None
        self._start = host.open(name, thorough=True)

    def restart(self) -> None:
        """Take the figures at the start anew, after the warm-up."""
        memory = self._host.figures({}, thorough=True)
        self._start = memory.end if memory else {}
        self._began = monotonic()

    def next_round(self, target: int, most: int) -> None:
        """Note that a round begins.

        Args:
            target: how many runs there will have been at its end.
            most: how many there may be in all, if something grows.
        """
        self._round += 1
        self._runs_before = self._target
        self._target, self._most, self._first = target, most, len(self._at)

    def look(self, runs: int, own: int, survivors: int) -> None:
        """Note the figures after so many runs.

        Args:
            runs: that have been done.
            own: bytes that is kept to count survivors by now.
            survivors: objects of these runs that were there at the last look.
        """
        done = f"run {runs:,} of {self._target:,} (at most {self._most:,})"
        self._host.progress(f"round {self._round}, {done}, {counted(survivors, 'object')} stayed")
        memory = self._host.figures({})
        if memory is None:
            return
        if len(self._at) >= MOST_SAMPLES:
            for column in self._arrays():
                column[:] = column[::2]
        ours = {OWN: own + self._bytes(), LOOKS: self._left_by_looks, SURVIVORS: survivors}
        figures = {**memory.end, **ours}
        for name in figures.keys() - self._columns.keys():
            self._columns[name] = Column("q", [MISSING] * len(self._at))
        for name, numbers in self._columns.items():
            numbers.append(figures.get(name, MISSING))
        self._at.append(monotonic() - self._began)
        self._runs.append(runs)

    def _arrays(self) -> list[Column]:
        return [self._at, self._runs, *self._columns.values()]

    def _bytes(self) -> int:
        return sum(map(shallow_size, self._arrays()))

    def end_round(self, own: int) -> None:
        """Take the figures at the end of a round, before our own look changes them.

        Args:
            own: bytes that is kept to count survivors by now.
        """
        memory = self._host.figures(self._start, thorough=True)
        if memory is not None:
            ours = {OWN: own + self._bytes(), LOOKS: self._left_by_looks}
            start = {**memory.start, **dict.fromkeys(ours, 0)}
            self._growth = replace(memory, start=start, end={**memory.end, **ours})

    def note_own_look(self) -> None:
        """Note what our own look at the whole heap has left behind since the round ended.

        It lists every object of the process; the allocator keeps some of that memory.
        """
        if self._growth is not None:
            # Not thorough: those figures cost more than the look, and only one is wanted.
            memory = self._host.figures(self._growth.end)
            change = memory.change.get("rss", 0) if memory is not None else 0
            self._left_by_looks += max(0, change)
            self._grown = self._growth.change.get("rss", 0) + change

    def at_start(self, figure: str) -> int | None:
        """A figure after the warm-up, or None where no plugin can tell."""
        return self._start.get(figure)

    def latest(self, figure: str) -> int | None:
        """The same at the last look that could tell, or, if more, at the end of the last round."""
        known = [*self._in_this_round(figure)[-1:]]
        if self._growth is not None and figure in self._growth.end:
            known.append(self._growth.end[figure])
        return max(known, default=None)

    def _in_this_round(self, figure: str) -> Sequence[int]:
        """A figure at those looks of this round that could tell it."""
        numbers: Sequence[int] = self._columns.get(figure, ())
        return [number for number in numbers[self._first :] if number != MISSING]

    def grown(self) -> int:
        """Bytes by which the process has grown at the last look; 0 where no plugin can tell."""
        return self._grown

    def rising(self) -> bool:
        """Whether an allocator had more in use from part to part of the last round.

        It may be a cache that fills: only more runs can tell.
        """
        return any(self._rises(figures, least) for figures, least in IN_USE.items())

    def _rises(self, figures: tuple[str, ...], least: float) -> bool:
        """Whether the least value of a sum of figures becomes more from part to part.

        The first sample of the round is left out: our look before it has changed what we keep.
        """
        began = bisect_right(self._runs, self._runs_before) + 1
        columns = [self._columns[name][began:] for name in figures if name in self._columns]
        ours = self._columns[OWN][began:] if figures is MALLOC else repeat(0)
        rows = zip(ours, zip(*columns, strict=True), strict=False)
        values = [sum(row) - own for own, row in rows if MISSING not in row]
        if len(values) < PARTS:
            return False
        ends = [len(values) * part // PARTS for part in range(PARTS + 1)]
        floors = [min(values[begin:end]) for begin, end in pairwise(ends)]
        step = least * (self._runs[-1] - self._runs[began]) / PARTS
        return all(other - one > step for one, other in pairwise(floors))

    def growth(self) -> MemoryGrowth | None:
        """The growth up to the end of the last round with the samples in between, if any."""
        if self._growth is None:
            return None
        samples = []
        for row, at in enumerate(self._at):
            found = {name: column[row] for name, column in self._columns.items()}
            figures = {name: number for name, number in found.items() if number != MISSING}
            samples.append(MemorySample(round(at, 6), self._runs[row], figures))
        return replace(self._growth, samples=tuple(samples))
