"""What is still in flight when a task ends is no growth: a failure being handled, cyclic garbage.

The figures of a report are those at the end of its scope. What goes right after that is seen by
the next report of the same process, which begins lower. What only the collector frees goes in
somebody else's run, and is seen in the process: it has grown less than all its runs together.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from leakwatch.model import MemoryGrowth
from leakwatch.report import Report

ORDER = "gc_collections"
"""A figure that only rises: reports that it orders are of runs one behind the other."""
BLOCKS = "python_blocks"
IN_USE = frozenset({"heap_used", "mmap_used", BLOCKS})
"""Figures that fall at once where something goes; resident memory stays with the allocators."""
WARM_UP = 2
"""Reports of a process of which the second shows where its growth begins."""
LEAST_SHARE = 0.25
"""Less than this is what was in flight when the last reports were written."""
SMALLEST_BLOCK = 16
"""Bytes of the smallest of these blocks."""


class Course:
    """The figures of one process over its reports, in the order in which they were written."""

    __slots__ = ("_first", "_last", "_note", "_reports", "_waiting")

    def __init__(self) -> None:
        self._first: dict[str, int] = {}
        self._last: dict[str, int] = {}
        self._reports = 0
        self._waiting: MemoryGrowth | None = None
        self._note: Callable[[MemoryGrowth], None] | None = None

    def add(self, report: Report, note: Callable[[MemoryGrowth], None]) -> None:
        """Add a report.

        Args:
            report: the next of this process; it is not kept.
            note: takes its growth, once it is known what was given back right after it.
        """
        memory = report.memory
        if memory is None:
            return
        self.end(memory.start)
        self._waiting, self._note = memory, note
        # From the second report on: between it and the first lies the warm-up of the process.
        self._first = memory.start if self._reports < WARM_UP else {**memory.start, **self._first}
        self._last |= memory.end
        self._reports += 1

    def end(self, after: Mapping[str, int] | None = None) -> None:
        """Note the growth of the last run.

        Args:
            after: the figures when the next run began, or None if there is none.
        """
        if self._waiting is None or self._note is None:
            return
        self._note(without_given_back(self._waiting, after or {}))
        self._waiting = self._note = None

    def grown(self, figure: str) -> float | None:
        """The growth of a figure over all runs and between them, or None if it is not known."""
        ordered = self._last.get(ORDER, 0) > self._first.get(ORDER, 0)
        if not ordered or figure not in self._first or figure not in self._last:
            return None
        beside_the_first = self._reports / max(1, self._reports - 1)
        return max(0.0, (self._last[figure] - self._first[figure]) * beside_the_first)


def without_given_back(memory: MemoryGrowth, after: Mapping[str, int]) -> MemoryGrowth:
    """The growth of a run without what was given back before the next one began.

    Only where that one began after the end of this: the figures of runs that overlap are mixed.
    """
    if after.get(ORDER, -1) < memory.end.get(ORDER, 0):
        return memory
    lower = {
        name: max(memory.start[name], min(memory.end[name], after[name]))
        for name, change in memory.change.items()
        if change > 0 and name in IN_USE and name in after
    }
    return replace(memory, end={**memory.end, **lower})


def of_survivors(
    figure: str, rises: Mapping[str, tuple[int, int]], runs: int, retained: int
) -> float:
    """The growth of a figure that survivors explain, however much their runs gave back for others.

    Args:
        figure: its name.
        rises: by figure, how many of the runs made it rise, and by how much all together.
        runs: how many runs there were.
        retained: bytes that the survivors of all runs retain.
    """
    most = retained / (SMALLEST_BLOCK if figure == BLOCKS else 1)
    count, total = rises.get(figure, (0, 0))
    return min(most, total / count * runs) if count else most


def lasting_shares(
    claimed: Mapping[str, int], explained: Mapping[str, float], courses: Iterable[Course]
) -> dict[str, float]:
    """The share of the growth of runs that is still there at the end of their processes.

    Args:
        claimed: by figure, what runs without survivors have grown by, all together.
        explained: by figure, what the survivors of other runs take.
        courses: of all processes.

    Returns:
        by figure, a number from 0 to 1; a figure whose share is not known is missing.
    """
    every = list(courses)
    shares = {}
    for figure in IN_USE & claimed.keys():
        grown = [course.grown(figure) for course in every]
        known = [amount for amount in grown if amount is not None]
        if claimed[figure] > 0 and len(known) == len(grown):
            left = max(0.0, sum(known) - explained.get(figure, 0.0))
            share = min(1.0, left / claimed[figure])
            shares[figure] = share if share >= LEAST_SHARE else 0.0
    return shares
