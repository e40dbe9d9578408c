"""To look around in a heap, object by object: each answer is some rows, however large the heap.

What takes time is done once, when the index is made: the dominators, the shortest ways, the owners.
"""

import heapq
from array import array
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import islice
from weakref import finalize

from leakwatch.heap.edges import NO_LENGTH, Name
from leakwatch.report import Report
from leakwatch.snapshots.asking import NO_ROOT, Question, expression, why
from leakwatch.snapshots.heap_file import HeapFile
from leakwatch.snapshots.heap_objects import Link, ObjectInHeap, OwnerShare, Way
from leakwatch.snapshots.holders import places_of, referrers
from leakwatch.snapshots.native import native
from leakwatch.snapshots.owners import Owners
from leakwatch.snapshots.retained import Dominated, Numbers
from leakwatch.snapshots.suspected import suspected

MOST_RANKED = 1_000
"""Of the objects that are told by size, at the most; all others are smaller."""
REMEMBERED = 256
"""Answers whose order took a look at every object."""
NOBODY = -1


class HeapIndex:
    """A heap to look around in; `leakwatch.Snapshot.index` gives it.

    Objects are told by their numbers in the file, from 0 on. A number that the file does not have
    is an `IndexError`.

    Args:
        file: the heap.
        found: its dominators and retained sizes.
    """

    def __init__(self, file: HeapFile, found: Dominated) -> None:
        self._file = file
        self._question = Question(file, bytearray(len(file)))
        self._question.reach()
        finalize(self, self._question.close)
        self._above, self._retained = found.dominators, found.sizes
        self._owners = Owners(file, self._above)
        self._tree = Tree(self._above)
        self._ranked = lru_cache(REMEMBERED)(self._largest_below)
        self._ranked_of_type = lru_cache(REMEMBERED)(self._largest_of_type)
        self._shares: tuple[OwnerShare, ...] | None = None
        self._suspected: Report | None = None

    def __len__(self) -> int:
        return len(self._file)

    def object(self, number: int) -> ObjectInHeap:
        """One object."""
        file = self._file
        if not 0 <= number < len(file):
            raise IndexError(f"the file has {len(file):,} objects, and no object {number:,}")
        own = file.own.get(number)
        length = file.lengths[number]
        return ObjectInHeap(
            number,
            file.type_of(number).full_name,
            ".".join(filter(None, map(file.text, own[:2]))) if own else "",
            file.sizes[number] + file.atoms[number],
            self._retained[number],
            None if length == NO_LENGTH else length,
            len(file.references(number)) + len(file.hidden_by_holder.get(number, ())),
            self._owners.of(number),
        )

    def _objects(self, numbers: Iterable[int]) -> tuple[ObjectInHeap, ...]:
        return tuple(map(self.object, numbers))

    # -- references -------------------------------------------------------------------------------

    def references(self, number: int, first: int = 0, count: int = 50) -> tuple[Link, ...]:
        """What an object refers to, in the order in which it does.

        Args:
            number: of the object.
            first: how many to pass over.
            count: how many at the most.
        """
        self.object(number)
        edges = self._file.references(number)
        found = [
            Link(self._name(number, edge), self.object(self._file.targets[edge]))
            for edge in edges[first : first + count]
        ]
        passed = max(0, first - len(edges))
        hidden = islice(self._hidden_by(number), passed, passed + count - len(found))
        return (*found, *hidden)

    def _hidden_by(self, number: int) -> Iterator[Link]:
        if number in self._file.hidden_by_holder:
            for target, holder, name in self._file.hidden:
                if holder == number:
                    yield Link(self._file.named(name).name, self.object(target))

    def referrers(self, number: int, first: int = 0, count: int = 50) -> tuple[Link, ...]:
        """What refers to an object, in the order of the file; takes longer the more is passed over.

        Args:
            number: of the object.
            first: how many to pass over.
            count: how many at the most.
        """
        self.object(number)
        return tuple(
            Link(
                self._name(holder, edge) if edge >= 0 else self._file.named(name).name,
                self.object(holder),
            )
            for holder, edge, name in islice(referrers(self._file, number), first, first + count)
        )

    def _name(self, holder: int, edge: int) -> str:
        name = self._question.reference(holder, edge).name
        return "" if self._file.names[edge] == Name.UNNAMED else name

    def way(self, number: int) -> Way:
        """The shortest way from a root to an object."""
        self.object(number)
        if not self._question.is_reached(number):
            return Way("", NO_ROOT, (), NO_ROOT)
        root, steps = self._question.way(number)
        # A reference of the root itself may lead to something that is no object of the file.
        links = tuple(Link(name, self.object(end)) for name, end in steps if end >= 0)
        names = "".join(name for name, _ in steps)
        return Way(root.facts.name, root.label, links, expression(root, names))

    # -- what is kept alive by what ---------------------------------------------------------------

    def dominator(self, number: int) -> ObjectInHeap | None:
        """The object through which every way to another leads; None where there is no such."""
        self.object(number)
        above = self._above[number]
        return None if above == NOBODY else self.object(above)

    def dominators(self, number: int) -> tuple[ObjectInHeap, ...]:
        """Every object through which all ways to another lead, the one nearest to roots first."""
        self.object(number)
        found: list[int] = []
        while (number := self._above[number]) != NOBODY:
            found.append(number)
        return self._objects(reversed(found))

    def dominated(
        self, number: int | None = None, first: int = 0, count: int = 50
    ) -> tuple[ObjectInHeap, ...]:
        """What one object alone keeps alive, those that retain most first; its nearest ones.

        Args:
            number: of the object; None for what no single object keeps alive.
            first: how many to pass over.
            count: how many at the most. No more than the first 1,000 are told in order.
        """
        if number is not None:
            self.object(number)
        ranked = self._ranked(NOBODY if number is None else number)
        return self._objects(ranked[first : first + count])

    def count_dominated(self, number: int | None = None) -> int:
        """How many objects `dominated` has to tell of."""
        return min(MOST_RANKED, self._tree.count(NOBODY if number is None else number))

    def instances(
        self, type_name: str, first: int = 0, count: int = 50
    ) -> tuple[ObjectInHeap, ...]:
        """The objects of exactly one type, those that retain most first.

        Args:
            type_name: `module.qualname`.
            first: how many to pass over.
            count: how many at the most. No more than the first 1,000 are told in order.
        """
        return self._objects(self._ranked_of_type(type_name)[first : first + count])

    def _largest_below(self, number: int) -> list[int]:
        return self._largest(self._tree.below(number))

    def _largest_of_type(self, type_name: str) -> list[int]:
        types = self._file.facts.types
        kinds = [kind for kind, row in enumerate(types) if row.full_name == type_name]
        return self._largest(
            number for kind in kinds for number in places_of(kind, self._file.types)
        )

    def _largest(self, numbers: Iterable[int]) -> list[int]:
        sizes = self._retained
        return heapq.nsmallest(MOST_RANKED, numbers, key=lambda it: (-sizes[it], it))

    # -- the whole --------------------------------------------------------------------------------

    def owners(self) -> tuple[OwnerShare, ...]:
        """The distributions and packages with what they have, those first that have most."""
        if self._shares is None:
            self._shares = self._owners.shares()
        return self._shares

    def why(self, type_name: str, most: int = 100) -> Report:
        """What holds the objects of a type, as `leakwatch.Snapshot.why`, but not every way.

        Args:
            type_name: `module.qualname`.
            most: ways to be told at the most, those that retain most. Where there are more, the
                report says that it is partial.
        """
        return why(self._file, type_name, most)

    def suspected(self) -> Report:
        """The causes that hold most objects of the program and its libraries."""
        if self._suspected is None:
            self._suspected = suspected(self._file)
        return self._suspected


class Tree:
    """The tree of dominators from above: each object with the first below it, and its next.

    Args:
        above: the immediate dominator of each object, or -1.
    """

    __slots__ = ("_counts", "_firsts", "_nexts")

    def __init__(self, above: Numbers) -> None:
        # The last place of each is that of what no object dominates: -1 counts from the end.
        self._firsts = array("i", [NOBODY]) * (len(above) + 1)
        self._counts = array("i", [0]) * (len(above) + 1)
        self._nexts = array("i", [NOBODY]) * len(above)
        _link(above, self._firsts, self._nexts, self._counts)

    def count(self, number: int) -> int:
        """How many objects one dominates immediately."""
        return self._counts[number]

    def below(self, number: int) -> Iterator[int]:
        """The objects that one dominates immediately."""
        below = self._firsts[number]
        while below != NOBODY:
            yield below
            below = self._nexts[below]


def link(above: Numbers, firsts: "array[int]", nexts: "array[int]", counts: "array[int]") -> None:
    """Enter each object below its dominator, in pure Python; `_index_native.c` has it in C."""
    for number, dominator in enumerate(above):
        nexts[number] = firsts[dominator]
        firsts[dominator] = number
        counts[dominator] += 1


_link = native.link if native else link
