"""The part of the heap that no named root reaches, with every reference in it counted.

The reference-count surplus of an object is its count less the references that Python can
see. It is zero for what only Python objects hold, and at least one where C code, or the
evaluation stack of a running function, holds a reference of its own.
"""

from collections.abc import Container, Iterable, Iterator, Sequence

from leakwatch.heap.borrowed import counted_referents
from leakwatch.heap.graph import HeapGraph
from leakwatch.heap.listing import listed
from leakwatch.heap.objects import ATOMS, module_name
from leakwatch.heap.provenance import is_own_module
from leakwatch.interpreter import get_referents, getrefcount
from leakwatch.paths.components import components

IMMORTAL = 1 << 29
"""Counts from here on are no counts (PEP 683, CPython 3.12+)."""

MOST_REACHED = 1_000
"""Members in reach of one that are looked at to guess its holder, perhaps for each survivor."""


def calibrated() -> int | None:
    """What `getrefcount(members[i])` says of an object that only the list holds.

    None where the count does not follow references one by one, as it need not on builds
    without the lock or on other implementations. The surplus then says nothing.
    """
    members = [object()]
    alone = getrefcount(members[0])
    others = [members[0]] * 2
    held = getrefcount(members[0])
    others.clear()
    return alone if held == alone + 2 and getrefcount(members[0]) == alone else None


OWN_REFERENCES = calibrated()


class UnreachedObjects:
    """The objects around unreached survivors, with every reference among them counted.

    A member is known by its position; the survivors come first.

    Attributes:
        survivors: ids of the survivors to explain.
    """

    __slots__ = (
        "_above",
        "_asked",
        "_blind",
        "_components",
        "_credited",
        "_indegree",
        "_index",
        "_members",
        "_parents",
        "_surplus",
        "survivors",
    )

    def __init__(self, graph: HeapGraph, missing: list[object], asked: frozenset[int]) -> None:
        """Count.

        Args:
            graph: what the walk from the roots reached.
            missing: the survivors to explain, which it did not reach.
            asked: ids of all survivors; the list of the question refers to each.
        """
        self._asked = asked
        self._above: dict[int, list[int]] | None = None
        self._components: list[int] | None = None
        self.survivors = frozenset(map(id, missing))
        self._members: list[object] = []
        self._index: dict[int, int] = {}
        self._indegree: list[int] = []
        # leakwatch's own lists that hold survivors; the surplus allows for them.
        self._blind = frozenset({id(missing), id(self._members)})
        self._add_all(missing)
        ours = self._take_in(graph)
        self._count_references(graph)
        self._count_our_references(ours)
        # All at once, before any variable of leakwatch refers to a member.
        self._surplus = [self._count_surplus(i) for i in range(len(self._members))]
        self._parents = self._search()
        self._credited = set(range(len(missing)))

    def _add(self, found: object) -> int:
        position = self._index.setdefault(id(found), len(self._members))
        if position == len(self._members):
            self._members.append(found)
            self._indegree.append(0)
        return position

    def _add_all(self, missing: list[object]) -> None:
        # In a function of its own: a loop variable left behind is a reference too many.
        for survivor in missing:
            self._add(survivor)

    def _take_in(self, graph: HeapGraph) -> list[object]:
        """Add the collector's objects that the walk did not reach; gives leakwatch's own apart."""
        ours = []
        tracked = listed()
        for candidate in graph.unreached(tracked):
            if id(candidate) not in self._blind:
                if is_own(candidate):
                    ours.append(candidate)
                else:
                    self._add(candidate)
        tracked.clear()
        return ours

    def _count_references(self, graph: HeapGraph) -> None:
        # The list grows: what the collector does not track is found through its holders.
        for member in self._members:
            for child in counted_referents(member):
                if id(type(child)) in ATOMS or graph.position_of(child) is not None:
                    continue
                if not is_own(child) and id(child) not in self._blind:
                    self._indegree[self._add(child)] += 1

    def _count_our_references(self, ours: list[object]) -> None:
        """leakwatch's own objects account for references, but no path leads through them."""
        for holder in ours:
            for child in get_referents(holder):
                position = self._index.get(id(child))
                if position is not None:
                    self._indegree[position] += 1
        ours.clear()

    def _count_surplus(self, position: int) -> int:
        """References to a member that no visible object accounts for."""
        count = getrefcount(self._members[position])
        if OWN_REFERENCES is None or count >= IMMORTAL:
            return 0
        key = id(self._members[position])
        borrowed = (key in self._asked) + (key in self.survivors)
        return count - OWN_REFERENCES - borrowed - self._indegree[position]

    def _search(self) -> dict[int, int]:
        """Breadth first from every member with a surplus; parent by position, -1 for none."""
        queue = [i for i, surplus in enumerate(self._surplus) if surplus > 0]
        parents = dict.fromkeys(queue, -1)
        for position in queue:
            for child in get_referents(self._members[position]):
                found = self._index.get(id(child))
                if found is not None and found not in parents:
                    parents[found] = position
                    queue.append(found)
        return parents

    def __getitem__(self, position: int) -> object:
        """The member at a position."""
        return self._members[position]

    def position_of(self, survivor: object) -> int:
        """Position of a member."""
        return self._index[id(survivor)]

    def surplus(self, position: int) -> int:
        """References to a member that no visible object accounts for."""
        return self._surplus[position]

    def is_held(self, position: int) -> bool:
        """Whether a member with a surplus leads to this one; what is not held is garbage."""
        return position in self._parents

    def below(self, position: int) -> Iterator[int]:
        """The members that a member refers to."""
        for child in get_referents(self._members[position]):
            found = self._index.get(id(child))
            if found is not None:
                yield found

    def above(self, position: int) -> Sequence[int]:
        """The members that refer to a member, in the order of their positions."""
        if self._above is None:
            self._above = {}
            for holder in range(len(self._members)):
                for found in self.below(holder):
                    self._above.setdefault(found, []).append(holder)
        return self._above.get(position, ())

    def component(self, position: int) -> int:
        """Equal for members that reach each other."""
        if self._components is None:
            self._components = components(len(self._members), self.below)
        return self._components[position]

    def outermost(self, passed: Container[int]) -> dict[int, list[int]]:
        """The held survivors that lie below no other one; for each all on its branch, itself first.

        In the order of discovery, so the nearest come first.

        Args:
            passed: positions of survivors that are only passed through on the way to others.
        """
        branches: dict[int, list[int]] = {}
        above = {-1: -1}
        # Breadth first: a parent stands before its children.
        for position, parent in self._parents.items():
            top = above[parent]
            if position < len(self.survivors) and position not in passed:
                top = position if top < 0 else top
                branches.setdefault(top, []).append(position)
            above[position] = top
        return branches

    def above_all(self, positions: Iterable[int]) -> set[int]:
        """The members on the ways from those with a surplus to some that are held."""
        found: set[int] = set()
        for position in positions:
            at = self._parents[position]
            while at >= 0 and at not in found:
                found.add(at)
                at = self._parents[at]
        return found

    def chain(self, position: int) -> list[int]:
        """The members of the shortest way from one with a surplus."""
        chain = []
        while position >= 0:
            chain.append(position)
            position = self._parents[position]
        chain.reverse()
        return chain

    def within_reach(self, position: int) -> list[object]:
        """The members that can be reached from one of them, itself included; the nearest only."""
        queue = {position: None}
        for found in (order := [position]):
            if len(order) > MOST_REACHED:
                break
            for child in self.below(found):
                if child not in queue:
                    queue[child] = None
                    order.append(child)
        return [self._members[found] for found in order]

    def is_asked(self, found: object) -> bool:
        """Whether an object is one of all survivors, plumbing among them."""
        return id(found) in self._asked

    def give_up(self, survivors: Iterable[int]) -> None:
        """Survivors that are not reported: they are credited to those that are."""
        self._credited.difference_update(survivors)

    def credit(self, position: int) -> list[object]:
        """A survivor, and all that it reaches and no other survivor took before."""
        queue = [position]
        for found in queue:
            for child in self.below(found):
                if child not in self._credited:
                    self._credited.add(child)
                    queue.append(child)
        return [self._members[found] for found in queue]

    def close(self) -> None:
        """Let go of every object."""
        self._members.clear()


def is_own(member: object) -> bool:
    """Whether an object is leakwatch's own: its references count, no path leads through it."""
    return is_own_module(module_name(type(member)))
