"""The walk from the roots over a file: the order is that of the walk in a living process.

See `leakwatch.heap.graph.walk` and `leakwatch.paths.search`, whose order decides which of several
shortest paths is told; signatures depend on it.
"""

from array import array
from collections.abc import Container, Iterable
from itertools import groupby

from leakwatch.heap.limits import MOST_HOLDERS
from leakwatch.model.root_kinds import Wave
from leakwatch.snapshots.heap_file import HeapFile, RootInFile

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

    __slots__ = ("_file", "_leaves", "_others", "edges", "order", "parents")

    def __init__(self, file: HeapFile, leaves: bytearray) -> None:
        self._file = file
        self._leaves = leaves
        self._others: dict[int, list[int]] = {}
        self.order: list[int] = []
        self.parents = array("i", [UNREACHED]) * len(file)
        self.edges = array("I", [NO_EDGE]) * len(file)

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
        file, parents, edges, leaves = self._file, self.parents, self.edges, self._leaves
        offsets, targets, order = file.offsets, file.targets, self.order
        queue = [*starts]
        for number in queue:
            first = offsets[number]
            for edge, target in enumerate(targets[first : offsets[number + 1]], first):
                if parents[target] == UNREACHED:
                    parents[target] = number
                    edges[target] = edge
                    order.append(target)
                    if not leaves[target]:
                        queue.append(target)
                elif leaves[target] and parents[target] != number:
                    self._note_holder(target, number)

    def _note_holder(self, leaf: int, holder: int) -> None:
        others = self._others.setdefault(leaf, [])
        if len(others) < MOST_HOLDERS:
            others.append(holder)

    def other_holders(self, leaf: int) -> list[int]:
        """Up to three further holders of a leaf, in the order in which they were noted."""
        return self._others.get(leaf, [])

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
