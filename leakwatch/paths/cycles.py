"""Garbage that waits for the cycle collector: the cycle that keeps it, as a path."""

from collections.abc import Iterator
from types import FrameType

from leakwatch.heap.objects import is_class, is_module
from leakwatch.paths.names.references import name_reference
from leakwatch.paths.refcounts import UnreachedObjects

MOST_COMPARED = 32
"""Members of a cycle that are compared to find where its path begins."""


class Garbage:
    """Which cycle keeps each survivor; a cycle is reported once for each type in it."""

    __slots__ = ("_cycles", "_reported", "_unreached")

    def __init__(self, unreached: UnreachedObjects) -> None:
        self._unreached = unreached
        self._reported: set[int] = set()
        self._cycles: dict[int, list[int]] = {}

    def way_to(self, position: int) -> tuple[list[int], list[int]] | None:
        """A path from garbage to a survivor, and the survivors for which it stands.

        Returns:
            the members of the cycle, its first again at its end, and of the way from there
            down to the survivor; and survivors of its type on the same cycle. None if no
            cycle keeps it, or if it was reported with another.
        """
        if position in self._reported:
            return None
        cycle = self._cycle(position)
        if not cycle:
            below = self._below_a_cycle(position)
            if below is None:
                return None
            self._reported.add(position)
            return below, [position]
        alike = self._alike(cycle, position)
        self._reported.update(alike)
        return turned(self._unreached, cycle, alike), alike

    def _cycle(self, position: int) -> list[int]:
        known = self._cycles.get(position)
        if known is None:
            known = self._cycles[position] = cycle_through(self._unreached, position)
        return known

    def _alike(self, cycle: list[int], position: int) -> list[int]:
        """The survivors on a cycle that are of one's type and were not reported."""
        wanted = type(self._unreached[position])
        return [
            at
            for at in cycle[:-1]
            if type(self._unreached[at]) is wanted
            and id(self._unreached[at]) in self._unreached.survivors
            and at not in self._reported
        ]

    def _below_a_cycle(self, position: int) -> list[int] | None:
        """The nearest cycle above a survivor and the way down; None if another's trace covers it.

        One is between, or is on the cycle. What a frame holds is the program's own matter, though
        the error that keeps the frame is on the cycle.
        """
        down = {position: -1}
        for member in (queue := [position]):
            if member != position and self._is_survivor(member):
                return None
            if cycle := self._cycle(member):
                # It is part of a survivor on the cycle: its `__dict__`, its methods.
                if type(self._unreached[member]) is not FrameType and any(
                    map(self._is_survivor, cycle)
                ):
                    return None
                return [*cycle, *way_down(down, down[member])]
            for holder in self._unreached.above(member):
                if holder not in down:
                    down[holder] = member
                    queue.append(holder)
        return None

    def _is_survivor(self, member: int) -> bool:
        return id(self._unreached[member]) in self._unreached.survivors


def way_down(down: dict[int, int], position: int) -> Iterator[int]:
    """The members from one on, each with the next below it in `down`."""
    while position >= 0:
        yield position
        position = down[position]


def turned(unreached: UnreachedObjects, cycle: list[int], starts: list[int]) -> list[int]:
    """A cycle from where its references make the first text: the same for the same cycle.

    Args:
        unreached: where the members are.
        cycle: its first member again at its end.
        starts: the members with which it may begin.
    """
    ring = cycle[:-1]
    begins = [at for at, member in enumerate(ring) if member in starts[:MOST_COMPARED]]
    if len(begins) < 2:
        return cycle
    pairs = zip(ring, cycle[1:], strict=True)
    names = [name_reference([unreached[a], unreached[b]]).signature_part for a, b in pairs]
    first = min(begins, key=lambda at: [*names[at:], *names[:at]])
    return [*ring[first:], *ring[:first], ring[first]]


def cycle_through(unreached: UnreachedObjects, start: int) -> list[int]:
    """The shortest cycle of references from a member back to itself, which is at both ends.

    Empty if there is none. None leads on from a class or a module.
    """
    parents = {start: -1}
    for holder in (queue := [start]):
        for child in unreached.below(holder):
            if child == start:
                return [*reversed(list(way_down(parents, holder))), start]
            found = unreached[child]
            if child not in parents and not is_class(found) and not is_module(found):
                parents[child] = holder
                queue.append(child)
    return []
