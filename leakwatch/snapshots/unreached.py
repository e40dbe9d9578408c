"""What no root of a file leads to: held by native code, or by a cycle of references.

The process counts references, and so knows a native holder for sure. A file has no counts, but what
lies behind an object that nothing refers to, and that is alive, is held from outside of Python.
"""

from dataclasses import dataclass

from leakwatch.model.root_kinds import NATIVE_CODE, UNKNOWN_HOLDER, RootKind
from leakwatch.snapshots.heap_file import HeapFile
from leakwatch.snapshots.walking import HIDDEN_EDGE

OUTSIDE = "(nothing in the file holds it)"
CYCLE = "(a cycle that no root leads to: garbage, or native code holds a part of it)"


@dataclass(frozen=True, slots=True)
class Source:
    """Where the way to an object begins that no root leads to.

    Attributes:
        kind: native code, or not known.
        label: what is known of it.
        way: the numbers of the objects from there to the object itself.
        edges: the references between them.
    """

    kind: RootKind
    label: str
    way: tuple[int, ...]
    edges: tuple[int, ...]


class Unreached:
    """The objects of a file that no root leads to, and who refers to them.

    Args:
        file: the heap.
    """

    __slots__ = ("_holders",)

    def __init__(self, file: HeapFile) -> None:
        self._holders: dict[int, list[tuple[int, int]]] = {}
        # What holds them is not reached either, and so it is one of them.
        for holder in range(file.reached, len(file)):
            for edge in file.references(holder):
                self._note(file.targets[edge], holder, edge)
        for number, (target, holder, _) in enumerate(file.hidden):
            if holder >= file.reached:
                self._note(target, holder, HIDDEN_EDGE | number)

    def _note(self, target: int, holder: int, edge: int) -> None:
        if target != holder:
            self._holders.setdefault(target, []).append((holder, edge))

    def source_of(self, number: int) -> Source:
        """The nearest object above one that nothing refers to; else a cycle is all there is."""
        below: dict[int, tuple[int, int] | None] = {number: None}
        for found in (queue := [number]):
            holders = self._holders.get(found)
            if holders is None:
                return Source(NATIVE_CODE, OUTSIDE, *way_from(found, below))
            for holder, edge in holders:
                if holder not in below:
                    below[holder] = (found, edge)
                    queue.append(holder)
        return Source(UNKNOWN_HOLDER, CYCLE, (number,), ())


def way_from(
    start: int, below: dict[int, tuple[int, int] | None]
) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """The objects from one down to where the search began, and the references between them."""
    way, edges = [start], []
    while (step := below[way[-1]]) is not None:
        way.append(step[0])
        edges.append(step[1])
    return tuple(way), tuple(edges)
