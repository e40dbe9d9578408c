"""Survivors that no named root reaches: held by native code, or cyclic garbage.

The reference-count surplus of an object is its count less the references that Python can
see. It is zero for what only Python objects hold, and at least one where C code, or the
evaluation stack of a running function, holds a reference of its own. The surplus proves
such a holder though it cannot name it.
"""

import atexit
from collections.abc import Iterable, Sequence
from types import BuiltinMethodType, MethodType, MethodWrapperType

from leakwatch.heap.atoms import ATOMS
from leakwatch.heap.objects import (
    identities,
    is_class,
    is_exactly,
    is_module,
    module_name,
    participates_in_gc,
    shallow_size,
    type_name,
)
from leakwatch.heap.owners import may_be_told, with_a_name
from leakwatch.heap.plumbing import is_plumbing
from leakwatch.heap.provenance import is_own_module
from leakwatch.heap.question import Question, Trace
from leakwatch.heap.retained import size_of
from leakwatch.heap.roots import HeapRoot, Wave
from leakwatch.heap.routes import KnownRoute
from leakwatch.heap.walk import HeapGraph
from leakwatch.interpreter import get_objects, get_referents, getrefcount

NATIVE_CODE = "native code"
CYCLIC_GARBAGE = "cyclic garbage"
BOUND = identities((BuiltinMethodType, MethodType, MethodWrapperType))
IMMORTAL = 1 << 29
"""Counts from here on are no counts (PEP 683, CPython 3.12+)."""

_probe = [object()]
OWN_REFERENCES = getrefcount(_probe[0])
"""What `getrefcount(members[i])` says of an object that only the list holds, calibrated."""


def unexplained_traces(graph: HeapGraph, question: Question) -> list[Trace]:
    """A trace for each survivor that the walk from the roots did not reach."""
    missing = graph.unreached(question.survivors)
    if question.owners_only:
        # A weak reference to something alive, such as a class has in the table of its base.
        missing = [found for found in missing if may_be_told(found)]
        missing = with_a_name(missing) or unnamed(missing, question)
    if not missing:
        return []
    island = Island(graph, missing, frozenset(map(id, question.survivors)))
    try:
        return [trace for found in missing if (trace := island.trace(found, question))]
    finally:
        island.close()
        missing.clear()


def unnamed(missing: list[object], question: Question) -> list[object]:
    """Plumbing that may be told of: a method that is being called lies on the stack of C."""
    if question.repeated:
        return missing
    return [found for found in missing if not is_exactly(found, BOUND)]


class Island:
    """The objects around unreached survivors, with every reference among them counted."""

    __slots__ = (
        "_asked",
        "_blind",
        "_credited",
        "_indegree",
        "_index",
        "_members",
        "_parents",
        "_surplus",
        "_survivors",
    )

    def __init__(self, graph: HeapGraph, missing: list[object], asked: frozenset[int]) -> None:
        """Count.

        Args:
            graph: what the walk from the roots reached.
            missing: the survivors to explain, which it did not reach.
            asked: ids of all survivors; the list of the question refers to each.
        """
        self._asked = asked
        self._survivors = frozenset(map(id, missing))
        self._members: list[object] = []
        self._index: dict[int, int] = {}
        self._indegree: list[int] = []
        # Lists of ours that hold survivors; the surplus allows for them.
        self._blind = frozenset({id(missing), id(self._members)})
        self._add_all(missing)
        ours = self._take_in(graph)
        self._count_references(graph)
        self._count_our_references(ours)
        # All at once, before any of our own variables refers to a member.
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
        """Add the collector's objects that the walk did not reach; gives our own apart."""
        ours = []
        tracked = get_objects()
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
            for child in get_referents(member):
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
        if count >= IMMORTAL:
            return 0
        key = id(self._members[position])
        borrowed = (key in self._asked) + (key in self._survivors)
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

    def trace(self, survivor: object, question: Question) -> Trace | None:
        """How the survivor is held.

        None if another survivor's trace tells it, or if nothing but leakwatch, or garbage
        that is told of already, refers to it.
        """
        position = self._index[id(survivor)]
        if position in self._parents:
            chain = self._chain(position)
            if question.owners_only and self._leads_through_survivor(chain):
                return None
            root = self._native_root(chain[0])
        else:
            chain = cycle_through(survivor)
            if len(chain) == 1:
                return None
            root = HeapRoot(CYCLIC_GARBAGE, "", chain[0], wave=Wave.ODD)
        retained = self._credit(position, question)
        return Trace(survivor, root, KnownRoute(chain), retained, shallow_size(survivor))

    def _credit(self, position: int, question: Question) -> int:
        """Bytes of a survivor and of all members that it reaches and no other took before."""
        queue = [position]
        for found in queue:
            for child in get_referents(self._members[found]):
                below = self._index.get(id(child))
                if below is not None and below not in self._credited:
                    self._credited.add(below)
                    queue.append(below)
        return sum(size_of(self._members[found], question.sizers) for found in queue)

    def _chain(self, position: int) -> list[object]:
        chain = []
        while position >= 0:
            chain.append(self._members[position])
            position = self._parents[position]
        chain.reverse()
        return chain

    def _leads_through_survivor(self, chain: Sequence[object]) -> bool:
        return any(id(found) in self._survivors for found in chain[:-1])

    def _native_root(self, first: object) -> HeapRoot:
        surplus = self._surplus[self._index[id(first)]]
        candidates = [*opaque_types(self._within_reach(first)), *atexit_candidate(first)]
        suspicion = f", perhaps {' or '.join(candidates[:3])}" if candidates else ""
        label = f"(surplus {surplus}){suspicion}"
        return HeapRoot(NATIVE_CODE, label, first, wave=Wave.ODD, identity="native")

    def _within_reach(self, first: object) -> list[object]:
        """The members that can be reached from one of them."""
        found, seen = [first], {id(first)}
        for holder in found:
            for child in get_referents(holder):
                if id(child) in self._index and id(child) not in seen:
                    seen.add(id(child))
                    found.append(child)
        return found

    def close(self) -> None:
        """Let go of every object."""
        self._members.clear()


def is_own(member: object) -> bool:
    """Whether an object is leakwatch's own: its references count, no path leads through it."""
    return is_own_module(module_name(type(member)))


def opaque_types(members: Iterable[object]) -> list[str]:
    """Types of C objects near by that the collector cannot look into."""
    names = set()
    for member in members:
        cls = type(member)
        if not participates_in_gc(cls) and module_name(cls) not in {"builtins", "_weakref"}:
            names.add(type_name(cls))
    return sorted(names)


def atexit_candidate(first: object) -> list[str]:
    """atexit, if something is registered and the object could be a callback or arguments.

    The module keeps its callbacks where Python cannot see them (3.10 and later); only
    their number can be asked.
    """
    registered = atexit._ncallbacks()
    callback = is_plumbing(type(first)) or is_class(first)
    return [f"atexit ({registered} registered)"] if registered and callback else []


def is_landmark(found: object) -> bool:
    """Whether no cycle of garbage leads on from here: strings and such, classes, modules."""
    return id(type(found)) in ATOMS or is_class(found) or is_module(found)


def cycle_through(start: object) -> list[object]:
    """The shortest cycle of references from an object back to itself; both ends included."""
    objects, parents, seen = [start], [-1], {id(start)}
    for position, holder in enumerate(objects):
        for child in get_referents(holder):
            if child is start:
                return [*_upwards(objects, parents, position), start]
            if id(child) not in seen and not is_landmark(child):
                seen.add(id(child))
                objects.append(child)
                parents.append(position)
    return [start]


def _upwards(objects: list[object], parents: list[int], position: int) -> list[object]:
    chain = []
    while position >= 0:
        chain.append(objects[position])
        position = parents[position]
    return chain[::-1]
