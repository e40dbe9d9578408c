"""The figures of the process in the course of repeated work."""

from array import array
from dataclasses import replace
from typing import Any

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


class MemorySamples:
    """Samples of the figures, taken between runs.

    They are kept in arrays, which no collector tracks: a list or a dict that grows run by run
    would be the first leak that a hunt finds.

    Args:
        host: the session.
        name: of the work, which is announced.
    """

    def __init__(self, host: Host, name: str) -> None:
        self._host = host
        self._began = monotonic()
        self._at = array("d")
        self._runs = array("q")
        self._columns = {OWN: array("q"), LOOKS: array("q"), SURVIVORS: array("q")}
        self._left_by_looks = 0
        self._round = self._target = 0
        self._grown = 0
        self._growth: MemoryGrowth | None = None
        self._start = host.open(name, thorough=True)

    def restart(self) -> None:
        """Take the figures at the start anew, after the warm-up."""
        memory = self._host.figures({}, thorough=True)
        self._start = memory.end if memory else {}
        self._began = monotonic()

    def next_round(self, target: int) -> None:
        """Note that a round begins.

        Args:
            target: how many runs there will have been at its end.
        """
        self._round += 1
        self._target = target

    def look(self, runs: int, own: int, survivors: int) -> None:
        """Note the figures after so many runs.

        Args:
            runs: that have been done.
            own: bytes that leakwatch itself keeps by now.
            survivors: objects of these runs that were there at the last look.
        """
        done = f"run {runs:,} of {self._target:,}"
        self._host.progress(f"round {self._round}, {done}, {counted(survivors, 'object')} stayed")
        memory = self._host.figures({})
        if memory is None:
            return
        if len(self._at) >= MOST_SAMPLES:
            columns: list[array[Any]] = [self._at, self._runs, *self._columns.values()]
            for column in columns:
                column[:] = column[::2]
        ours = {OWN: own, LOOKS: self._left_by_looks, SURVIVORS: survivors}
        figures = {**memory.end, **ours}
        for name in figures.keys() - self._columns.keys():
            self._columns[name] = array("q", [MISSING]) * len(self._at)
        for name, numbers in self._columns.items():
            numbers.append(figures.get(name, MISSING))
        self._at.append(monotonic() - self._began)
        self._runs.append(runs)

    def end_round(self, own: int) -> None:
        """Take the figures at the end of a round, before our own look changes them.

        Args:
            own: bytes that leakwatch itself keeps by now.
        """
        memory = self._host.figures(self._start, thorough=True)
        if memory is not None:
            ours = {OWN: own, LOOKS: self._left_by_looks}
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

    def grown(self) -> int:
        """Bytes by which the process has grown at the last look; 0 where no plugin can tell."""
        return self._grown

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
