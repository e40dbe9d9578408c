"""The walk from the roots over a file: the order is that of the walk in a living process.

See `leakwatch.heap.graph.walk` and `leakwatch.paths.search`, whose order decides which of several
shortest paths is told; signatures depend on it. `_walking_native.c` has `expand` in C.
"""

from array import array
from collections.abc import Container, Iterable, Iterator, Sequence
from itertools import chain, groupby
from typing import NamedTuple

from leakwatch.heap.limits import MOST_HOLDERS
from leakwatch.model.root_kinds import Wave
from leakwatch.snapshots.heap_file import HeapFile, RootInFile
from leakwatch.snapshots.holders import places_of
from leakwatch.snapshots.native import native

UNREACHED = -(1 << 31)
NO_EDGE = (1 << 32) - 1
HIDDEN_EDGE = 1 << 31
"""In the place of a reference's number: one of those that the collector does not show."""


class Walk:
    """What was reached so far, in that order.

    Args:
        file: the heap.
        leaves: the survivors: one byte for each object; they are entered only on request.

    Attributes:
        order: the objects.
        parents: of each object the holder that it was first reached from, or -1 - the number of
            a root.
        edges: the reference by which that was.
    """

    __slots__ = ("_file", "_held", "_holders", "_known", "_leaves", "edges", "order", "parents")

    def __init__(self, file: HeapFile, leaves: bytearray) -> None:
        self._file = file
        self._leaves = leaves
        self._held, self._holders = array("I"), array("I")  # leaves, and further holders of them
        self.order = array("I")
        self.parents = array("i", [UNREACHED]) * len(file)
        self.edges = array("I", [NO_EDGE]) * len(file)
        self._known = Known(
            file.offsets, file.targets, leaves, self.parents, self.edges, bytearray(len(file))
        )

    def from_roots(self) -> None:
        """Walk wave after wave; leaves are not entered."""
        roots = [*enumerate(self._file.facts.roots)]
        for index, root in roots:
            if root.barrier and not root.late and root.target >= 0:
                self._add(root.target, -1 - index)
        early = [pair for pair in roots if not pair[1].late]
        self._waves(pair for pair in early if pair[1].wave < Wave.IN_USE)
        self._interlude([pair for pair in roots if pair[1].late])
        self._waves(pair for pair in early if pair[1].wave >= Wave.IN_USE)
        self.from_hidden()

    def _waves(self, numbered: Iterable[tuple[int, RootInFile]]) -> None:
        for _, wave in groupby(numbered, lambda pair: pair[1].wave):
            starts = []
            for index, root in wave:
                target = root.target
                if target < 0:
                    continue
                self._add(target, -1 - index)
                if self.parents[target] == -1 - index and not self._leaves[target]:
                    starts.append(target)
            self.expand(starts)

    def _interlude(self, late: list[tuple[int, RootInFile]]) -> None:
        """What is not shown, and tables that nothing holds, in the order of their discovery."""
        found = [(target, holder, i) for i, (target, holder, _) in enumerate(self._file.hidden)]
        found += [(root.target, -1 - index, NO_EDGE) for index, root in late if root.target >= 0]
        for target, parent, number in sorted(found):
            self._enter(target, parent, number)

    def from_hidden(self) -> None:
        """Walk on along the references that are not shown, from what was reached since."""
        for number, (target, holder, _) in enumerate(self._file.hidden):
            self._enter(target, holder, number)

    def _enter(self, target: int, parent: int, number: int) -> None:
        if self.parents[target] != UNREACHED or (parent >= 0 and not self.is_reached(parent)):
            return
        self._add(target, parent, HIDDEN_EDGE | number if parent >= 0 else NO_EDGE)
        if not self._leaves[target]:
            self.expand([target])

    def is_reached(self, number: int) -> bool:
        """Whether some root leads to an object."""
        return self.parents[number] != UNREACHED

    def _add(self, number: int, parent: int, edge: int = NO_EDGE) -> None:
        if self.parents[number] == UNREACHED:
            self.parents[number] = parent
            self.edges[number] = edge
            self.order.append(number)

    def expand(self, starts: Iterable[int]) -> None:
        """Reach everything from some objects, breadth first; leaves on the way are not entered."""
        found = _expand(self._known, array("I", starts), MOST_HOLDERS)
        for numbers, new in zip((self.order, self._held, self._holders), found, strict=True):
            numbers.frombytes(new)

    def other_holders(self, leaf: int) -> list[int]:
        """Up to three further holders of a leaf, in the order in which they were noted."""
        return [self._holders[place] for place in places_of(leaf, self._held)]

    def leaves_since(self, place: int) -> list[int]:
        """The leaves that were reached from a place in the order on."""
        return [number for number in self.order[place:] if self._leaves[number]]

    def chain_to(self, number: int) -> list[int]:
        """The objects of the path to one, that of the root first."""
        chain = []
        while number >= 0:
            chain.append(number)
            number = self.parents[number]
        chain.reverse()
        return chain

    def root_of(self, number: int) -> int:
        """The number of the root at the upper end of the path to an object."""
        while number >= 0:
            number = self.parents[number]
        return -1 - number

    def edge_between(self, holder: int, target: int) -> int:
        """The first reference from one object to another."""
        for edge in self._file.references(holder):
            if self._file.targets[edge] == target:
                return edge
        return NO_EDGE

    def size_of(self, numbers: Iterable[int], but: Container[int] = ()) -> int:
        """Bytes of some objects, with the atoms that only they hold."""
        sizes, atoms = self._file.sizes, self._file.atoms
        return sum(sizes[it] + atoms[it] for it in numbers if it not in but)


class Known(NamedTuple):
    """What a walk goes on from, and notes what it finds in.

    Attributes:
        offsets, targets: of the references; those of object n are from `offsets[n]` on.
        leaves: one byte for each object: 1 for those that are not entered.
        parents, edges: see `Walk`.
        noted: how many further holders of each leaf were noted.
    """

    offsets: Sequence[int]
    targets: Sequence[int]
    leaves: bytearray
    parents: "array[int]"
    edges: "array[int]"
    noted: bytearray


def expand(known: Known, starts: "array[int]", most: int) -> tuple[bytes, bytes, bytes]:
    """Reach everything from some objects, in pure Python: the definition of correct.

    Args:
        known: what was reached before; what is new is noted there.
        starts: where to begin; these are entered even if they are leaves.
        most: further holders that are noted of a leaf.

    Returns:
        what is new, in the order of discovery; leaves, and for each of these a further holder.
    """
    offsets, targets, leaves, parents, edges, noted = known
    found, held, holders = array("I"), array("I"), array("I")
    for number in chain(starts, unless_leaf(found, leaves)):
        first = offsets[number]
        for edge, target in enumerate(targets[first : offsets[number + 1]], first):
            if parents[target] == UNREACHED:
                parents[target] = number
                edges[target] = edge
                found.append(target)
            elif leaves[target] and parents[target] != number and noted[target] < most:
                noted[target] += 1
                held.append(target)
                holders.append(number)
    return found.tobytes(), held.tobytes(), holders.tobytes()


def unless_leaf(found: "array[int]", leaves: bytearray) -> Iterator[int]:
    """Yield what is no leaf of a column that grows meanwhile."""
    return (number for number in found if not leaves[number])


_expand = native.expand if native else expand
