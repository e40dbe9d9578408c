"""Retained sizes of every object of a file, exact: what would go if it alone went.

An object retains what it dominates: each way from a root to it leads through that object. The
immediate dominators are found by the algorithm "semi-NCA" of Georgiadis, Tarjan and Werneck,
"Finding Dominators in Practice" (2006): semidominators after Lengauer and Tarjan, "A Fast Algorithm
for Finding Dominators in a Flowgraph" (1979), with path compression; then the nearest common
ancestor in the tree that grows. Without recursion, over flat arrays.

`_columns_native.c` says the same in C, with the names of here.
"""

from array import array
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from leakwatch.snapshots.heap_file import HeapFile
from leakwatch.snapshots.native import native
from leakwatch.stages import Stage, begins

TOP = 0
"""The number in the search of what stands above all roots."""
UNSEEN = -1
NOTHING = -1
"""In the place of a dominator: what stands above all roots."""
Numbers = Sequence[int]


@dataclass(frozen=True, slots=True)
class Dominated:
    """What there is to know of each object of a file, by its number.

    Attributes:
        dominators: the nearest object that all ways to it lead through, or `NOTHING`.
        sizes: bytes that it retains, itself included.
    """

    dominators: Numbers
    sizes: Numbers


def dominated(file: HeapFile) -> Dominated:
    """Dominators and retained sizes of a file; in C where that was compiled."""
    roots = array("I", (root.target for root in file.facts.roots if root.target >= 0))
    hidden = (file.hidden_holders, file.hidden_targets)
    columns = Columns(file.offsets, file.targets, *hidden, roots, file.sizes, file.atoms)
    begins(Stage.DOMINATORS)
    find = native.find_dominated if native else find_dominated
    dominators, sizes = find(columns, file.reached)
    return Dominated(memoryview(dominators).cast("i"), memoryview(sizes).cast("Q"))


class Columns(NamedTuple):
    """What is computed with.

    Attributes:
        offsets, targets: of the references; those of object n are from `offsets[n]` on.
        holders, held: of the references that the collector does not show.
        roots: the objects that roots hold.
        sizes, atoms: bytes of each object, and of the values that only it holds.
    """

    offsets: Numbers
    targets: Numbers
    holders: Numbers
    held: Numbers
    roots: Numbers
    sizes: Numbers
    atoms: Numbers


def find_dominated(columns: Columns, reached: int) -> tuple[bytes, bytes]:
    """Dominators and retained sizes, in pure Python: the definition of correct.

    Args:
        columns: of the file.
        reached: so many objects a root leads to; they come first.

    Returns:
        by object: numbers of 32 bits with sign, and of 64 bits without.
    """
    search = Search(Heap(columns), columns.roots, reached)
    nearest = dominators(search)
    count = len(columns.sizes)
    dominating, totals = array("i", [NOTHING]) * count, array("Q", [0]) * count
    for number in range(len(nearest) - 1, TOP, -1):
        found = search.found[number]
        totals[found] += columns.sizes[found] + columns.atoms[found]
        if nearest[number] != TOP:
            dominating[found] = search.found[nearest[number]]
            totals[dominating[found]] += totals[found]
    return dominating.tobytes(), totals.tobytes()


class Heap:
    """What each object refers to."""

    __slots__ = ("_hidden", "_offsets", "_targets")

    def __init__(self, columns: Columns) -> None:
        self._offsets, self._targets = columns.offsets, columns.targets
        self._hidden: dict[int, list[int]] = {}
        for holder, found in zip(columns.holders, columns.held, strict=True):
            self._hidden.setdefault(holder, []).append(found)

    def __len__(self) -> int:
        return len(self._offsets) - 1

    def held_by(self, holder: int) -> Numbers:
        """The objects that one refers to, what is not shown included."""
        shown = self._targets[self._offsets[holder] : self._offsets[holder + 1]]
        hidden = self._hidden.get(holder)
        return [*shown, *hidden] if hidden else shown


class Search:
    """A depth-first search from all roots.

    Args:
        heap: what refers to what.
        roots: the objects that roots hold.
        reached: so many objects they lead to.

    Attributes:
        found: the objects, by their numbers in the search; the first is none, but `TOP`.
        parents: the number of what each was found from.
        numbers: by object.
        roots: as given.
        held_by: the objects that one refers to.
    """

    __slots__ = ("found", "held_by", "numbers", "parents", "roots")

    def __init__(self, heap: Heap, roots: Numbers, reached: int) -> None:
        self.roots = roots
        self.held_by: Callable[[int], Numbers] = heap.held_by
        self.found, self.parents = array("i", [UNSEEN]), array("i", [TOP])
        self.numbers = array("i", [UNSEEN]) * len(heap)
        # What no root leads to is held by something that cannot be seen. Then those of which the
        # file says so in error.
        for start in (*roots, *range(reached, len(heap)), *range(reached)):
            if self.numbers[start] == UNSEEN:
                self._from(start)

    def _from(self, start: int) -> None:
        numbers, held_by = self.numbers, self.held_by
        self._number(start, TOP)
        path = [(numbers[start], iter(held_by(start)))]
        while path:
            number, children = path[-1]
            for child in children:
                if numbers[child] == UNSEEN:
                    self._number(child, number)
                    path.append((numbers[child], iter(held_by(child))))
                    break
            else:
                path.pop()

    def _number(self, found: int, parent: int) -> None:
        self.numbers[found] = len(self.found)
        self.found.append(found)
        self.parents.append(parent)

    def holders(self) -> tuple["array[int]", "array[int]"]:
        """Who refers to each, by numbers: where those of each begin, and all of them."""
        starts = array("i", [0]) * (len(self.found) + 1)
        for _, held in self._links():
            starts[held + 1] += 1
        for number in range(len(self.found)):
            starts[number + 1] += starts[number]
        free, holders = array("i", starts), array("i", [0]) * starts[-1]
        for number, held in self._links():
            holders[free[held]] = number
            free[held] += 1
        return starts, holders

    def _links(self) -> Iterator[tuple[int, int]]:
        numbers = self.numbers
        for number in range(1, len(self.found)):
            if self.parents[number] == TOP:
                yield TOP, number
            for held in self.held_by(self.found[number]):
                yield number, numbers[held]
        yield from ((TOP, numbers[root]) for root in self.roots)


def dominators(search: Search) -> "array[int]":
    """The immediate dominator of each, by the numbers of a search."""
    above, nearest = semidominators(search), array("i", search.parents)
    for number in range(1, len(nearest)):
        candidate = nearest[number]
        while candidate > above[number]:
            candidate = nearest[candidate]
        nearest[number] = candidate
    return nearest


def semidominators(search: Search) -> "array[int]":
    """The semidominator of each: the first from which a way leads there past all of its parents."""
    count = len(search.found)
    starts, holders = search.holders()
    linked, labels = array("i", search.parents), array("i", range(count))
    above = array("i", range(count))
    for number in range(count - 1, 0, -1):
        least = linked[number]
        for holder in holders[starts[number] : starts[number + 1]]:
            found = above[lowest(holder, number, linked, labels, above)]
            least = min(least, found)
        above[number] = least
    return above


def lowest(
    number: int,
    last: int,
    linked: "array[int]",
    labels: "array[int]",
    above: "array[int]",
) -> int:
    """The one with the first semidominator on the way up to what has not been looked at yet."""
    if linked[number] <= last:
        return labels[number]
    path = []
    while linked[number] > last:
        path.append(number)
        number = linked[number]
    best = labels[number]
    for lower in reversed(path):
        linked[lower] = linked[number]
        if above[best] < above[labels[lower]]:
            labels[lower] = best
        else:
            best = labels[lower]
        number = lower
    return labels[number]
