"""The graph of the heap in pure Python: the definition of correct.

`gc.get_referents` runs no user code and, unlike `gc.get_referrers`, needs no index and sees
frozen objects. The files `_*_native.c` beside it say the same in C;
whatever is changed here is changed there.
"""

import sys
from array import array
from bisect import bisect_left
from collections.abc import Iterator
from itertools import chain, islice
from types import CodeType, FunctionType

from leakwatch.heap.limits import CHECK_EVERY, MOST_HOLDERS, Spent
from leakwatch.heap.objects import identities, inherits, is_exactly, is_heap_type
from leakwatch.interpreter import (
    get_referents,
    get_referents_of_all,
    getrefcount,
    is_tracked,
    monotonic,
)

CHUNK = 10_000
"""Objects asked for their referents at once: a list of all of them would be large."""

ALL = sys.maxsize
"""Most of what is listed, where no bound is given."""
_alone = [object()]
EXCLUSIVE = max(getrefcount(item) for item in _alone) + 1
"""What `getrefcount` says of an item of a list of referents that one other object holds."""


class HeapGraph:
    """Objects reached so far, by position; holds them strongly until `close`.

    A position is the number of an object in the order of discovery. The parent of a position
    is that of the object it was first reached from, so that following the parents gives a
    shortest path. A parent that is negative stands for a root.

    Attributes:
        spent: which budget has ended the walk early (`leakwatch.heap.limits.Spent`), or 0.
    """

    __slots__ = (
        "_atoms",
        "_deadline",
        "_leaves",
        "_most_objects",
        "_objects",
        "_other_holders",
        "_parents",
        "_positions",
        "_reached_leaves",
        "spent",
    )

    def __init__(
        self,
        leaves: list[object],
        atoms: frozenset[int],
        most_objects: int,
        seconds: float,
        expected: int = 0,
        *,
        borrows: bool = False,
        notes: bool = False,
    ) -> None:
        """Make an empty graph; its time begins to run.

        Args:
            leaves: the survivors. They are recorded when reached, and walked through only
                on request.
            atoms: ids of exact types whose instances are left out.
            most_objects: budget of objects.
            seconds: budget of time.
            expected: about how many objects there will be; what grows to its size holds the old
                and the new at once.
            borrows: hold no references, see `leakwatch.heap.listing`; this one does all the same.
            notes: note what refers to what, for a pass over all of it; this one does not.
        """
        self._leaves = frozenset(map(id, leaves))
        self._atoms = atoms
        self._most_objects = most_objects
        self._deadline = monotonic() + seconds
        self._objects: list[object] = []
        self._parents = array("i")
        self._positions: dict[int, int] = {}
        self._reached_leaves: list[int] = []
        self._other_holders: dict[int, list[int]] = {}
        self.spent = 0

    def __len__(self) -> int:
        return len(self._objects)

    def add(self, found: object, parent: int) -> int:
        """The position of an object: the next one, unless it was reached before."""
        known = self._positions.get(id(found))
        if known is not None:
            return known
        position = len(self._objects)
        self._positions[id(found)] = position
        self._objects.append(found)
        self._parents.append(parent)
        if id(found) in self._leaves:
            self._reached_leaves.append(position)
        return position

    def position_of(self, wanted: object) -> int | None:
        """Position of an object, or None if it was not reached."""
        return self._positions.get(id(wanted))

    def object_at(self, position: int) -> object:
        """The object at a position."""
        return self._objects[position]

    def parent_of(self, position: int) -> int:
        """Position of the holder, or a negative number for a root."""
        return self._parents[position]

    def expand(self, starts: list[int], *, into_leaves: bool) -> None:
        """Reach everything that can be reached from some positions, breadth first.

        Args:
            starts: positions to enter, leaves or not.
            into_leaves: whether to walk through leaves that are reached on the way.
        """
        objects, parents, positions = self._objects, self._parents, self._positions
        atoms, leaves = self._atoms, self._leaves
        look = 0
        queue = list(starts)
        for position in queue:
            if len(objects) >= look:
                if self._is_spent():
                    return
                look = min(self._most_objects, len(objects) + CHECK_EVERY)
            for child in get_referents(objects[position]):
                if id(type(child)) in atoms:
                    continue
                if (key := id(child)) in positions:
                    if key in leaves:
                        self._note_holder(positions[key], position)
                    continue
                found = positions[key] = len(objects)
                objects.append(child)
                parents.append(position)
                if key in leaves:
                    self._reached_leaves.append(found)
                    if not into_leaves:
                        continue
                queue.append(found)

    def _note_holder(self, leaf: int, holder: int) -> None:
        others = self._other_holders.setdefault(leaf, [])
        if len(others) < MOST_HOLDERS and holder != self._parents[leaf]:
            others.append(holder)

    def other_holders(self, leaf: int) -> list[int]:
        """Positions of up to three further holders of a leaf, lowest first."""
        return sorted(self._other_holders.get(leaf, ()))

    def _is_spent(self) -> bool:
        if len(self._objects) >= self._most_objects:
            self.spent = Spent.OBJECTS
        elif monotonic() > self._deadline:
            self.spent = Spent.SECONDS
        return bool(self.spent)

    def leaves_from(self, first: int) -> list[int]:
        """Positions of the leaves that were reached, from a position on."""
        return self._reached_leaves[bisect_left(self._reached_leaves, first) :]

    def kinds_from(self, first: int, kinds: frozenset[int]) -> list[int]:
        """Positions of the objects of some exact types, given by id, from a position on."""
        objects = self._objects
        return [at for at in range(first, len(objects)) if id(type(objects[at])) in kinds]

    def owned(self, positions: list[int], first: int, *, with_leaves: bool) -> list[list[object]]:
        """The objects that only some survivors hold, in groups of one exact type each.

        Args:
            positions: the survivors.
            first: everything from this position on was reached through them.
            with_leaves: whether leaves among that count as well.

        Returns:
            these objects, and the atoms to which one of them refers and nothing else does.
        """
        members = [self._objects[position] for position in positions]
        for at in range(first, len(self._objects)):
            new = self._objects[at]
            if with_leaves or id(new) not in self._leaves:
                members.append(new)
        for at in range(len(members)):
            members += self._atoms_of(members[at])
        return by_type(members)

    def _atoms_of(self, holder: object) -> list[object]:
        return [
            atom
            for atom in get_referents(holder)
            if id(type(atom)) in self._atoms and getrefcount(atom) <= EXCLUSIVE
        ]

    def code_constants(self, candidates: list[object]) -> list[tuple[int, object]]:
        """The tuples of constants and names in the code of functions, which do not show them.

        Args:
            candidates: those of them that are functions and were reached are looked at, and
                the code in their code.

        Returns:
            position and tuple; only what the collector lists and was not reached.
        """
        found = []
        for candidate in candidates:
            if type(candidate) is FunctionType:
                position = self._positions.get(id(candidate))
                if position is not None:
                    found += [
                        (position, constants)
                        for constants in constants_of(candidate.__code__)
                        if id(constants) not in self._positions
                    ]
        return found

    def unreached(self, candidates: list[object], most: int = ALL) -> list[object]:
        """Those of the candidates that were not reached; no more than the first `most` of them."""
        positions = self._positions
        left = (candidate for candidate in candidates if id(candidate) not in positions)
        return list(islice(left, most))

    def unheld(
        self,
        candidates: list[object],
        kinds: frozenset[int],
        ours: frozenset[int],
        survivors: list[object],
    ) -> list[object]:
        """The candidates that were not reached and that nothing else unreached holds.

        Args:
            candidates: what the collector lists.
            kinds: ids of the exact types to look for.
            ours: ids of types of our own: what their instances hold is neither told, nor asked
                what it holds, for it may be a list of all that was reached.
            survivors: the objects to explain; they may have been reached, and hold as well.
        """
        missing = self.unreached(candidates)
        own = {
            id(it) for found in missing if id(type(found)) in ours for it in get_referents(found)
        }
        tops = {id(found) for found in missing if id(type(found)) in kinds} - own
        for holder in (*missing, *survivors):
            if not tops:
                break
            if id(holder) not in own:
                tops.difference_update(map(id, get_referents(holder)))
        return [found for found in missing if id(found) in tops]

    def out_of_reach(self, candidates: list[object], most: int = ALL) -> list[object]:
        """Those of the candidates that were not reached, and cannot be by way of the leaves.

        No more than the first `most` of them.
        """
        positions, atoms = self._positions, self._atoms
        queue = [self._objects[leaf] for leaf in self._reached_leaves]
        below: set[int] = set()
        for at, holder in enumerate(queue):
            if at % CHECK_EVERY == 0 and self._is_spent():
                break
            for child in get_referents(holder):
                if id(type(child)) in atoms or (key := id(child)) in positions or key in below:
                    continue
                below.add(key)
                queue.append(child)
        left = (found for found in self.unreached(candidates) if id(found) not in below)
        return list(islice(left, most))

    def close(self) -> None:
        """Let go of every object; one that dies of it may ask the graph, which is empty by then."""
        objects, self._objects = self._objects, []
        self._positions.clear()
        objects.clear()


def constants_of(code: CodeType) -> Iterator[object]:
    """The tuples that the collector lists, of a code object and of those in it."""
    for constants in (code.co_consts, code.co_names):
        if is_tracked(constants):
            yield constants
    for constant in code.co_consts:
        if type(constant) is CodeType:
            yield from constants_of(constant)


def by_type(objects: list[object]) -> list[list[object]]:
    """Objects in groups of one exact type each, in the order of the first of each."""
    groups: dict[int, list[object]] = {}
    for found in objects:
        groups.setdefault(id(type(found)), []).append(found)
    return list(groups.values())


def census(objects: list[object]) -> list[tuple[type, int]]:
    """The exact types of some objects, each with their number."""
    return [(type(group[0]), len(group)) for group in by_type(objects)]


def of_types(objects: list[object], types: frozenset[int], most: int = ALL) -> list[object]:
    """Those of the objects whose exact type has one of these ids; no more than the first `most`."""
    return list(islice((found for found in objects if id(type(found)) in types), most))


def of_other_types(objects: list[object], types: bytes) -> list[object]:
    """Those of the objects whose exact type is none of some.

    Args:
        objects: any; read, not kept.
        types: ids of those types in ascending order, each in eight bytes: no table is made of them.
    """
    known = frozenset(array(NUMBER, types))
    return [found for found in objects if id(type(found)) not in known]


def of_kinds(objects: list[object], kinds: dict[int, int]) -> list[object]:
    """Those of the objects that are known by their id, and by the id of their exact type."""
    return [found for found in objects if kinds.get(id(found)) == id(type(found))]


UNTRACKED = identities((dict, bytearray))


def untracked_containers(holders: list[object]) -> list[object]:
    """The dicts and bytearrays that holders refer to and the collector does not know, each once.

    Of exactly these types.
    """
    found: dict[int, object] = {}
    for start in range(0, len(holders), CHUNK):
        children = get_referents_of_all(holders[start : start + CHUNK])
        untracked = (it for it in children if is_exactly(it, UNTRACKED) and not is_tracked(it))
        found.update((id(it), it) for it in untracked)
    return list(found.values())


NUMBER = "Q"
"""Of an array: eight bytes without a sign, which are room for an address."""


def addresses(objects: list[object], before: bytes | None, expected: int = 0) -> bytes:
    """The addresses of some objects in their order, but for those that were noted before.

    The native twin makes room for as many as are expected.
    """
    found = sorted(map(id, objects))
    known = frozenset(array(NUMBER, before or b""))
    return array(NUMBER, (it for it in found if it not in known)).tobytes()


def lengths(objects: list[object], deque: type, before: bytes | None, expected: int = 0) -> bytes:
    """The addresses of containers, each with its length behind it, in the order of addresses.

    Args:
        objects: among them containers: lists, dicts and what is derived from them, sets, deques.
        deque: the type of those.
        before: noted earlier; then only what was noted and is longer now.
        expected: for how many the native twin makes room.
    """
    found: list[tuple[object, int]] = [(it, length_of(it, deque)) for it in objects]
    found += [(it, length_of(it, deque)) for it in shown_dicts(objects)]
    pairs = sorted((id(it), entries) for it, entries in found if entries >= 0)
    found.clear()
    if before is not None:
        noted = array(NUMBER, before)
        known = dict(zip(noted[::2], noted[1::2], strict=True))
        pairs = [(it, entries) for it, entries in pairs if entries > known.get(it, entries)]
    return array(NUMBER, chain.from_iterable(pairs)).tobytes()


def length_of(found: object, deque: type) -> int:
    """The number of entries; -1 of what is no container. No code of the program is asked."""
    cls = type(found)
    for base in (dict, list):
        if inherits(cls, base):
            return base.__len__(found)  # type: ignore[arg-type]
    return len(found) if cls is set or cls is deque else -1  # type: ignore[arg-type]


def shown_dicts(objects: list[object]) -> list[object]:
    """Dicts that only their holder shows: those of strings and numbers, before CPython 3.14.

    Those that grow are the values of namespaces and of other dicts, and attributes.
    """
    if sys.version_info >= (3, 14):
        return []
    return untracked_containers(
        [it for it in objects if type(it) is dict or is_heap_type(type(it))]
    )
