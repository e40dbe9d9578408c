"""Which of many survivors to report when everything born in a scope is judged.

Plumbing (`leakwatch.heap.structural_types`) is passed through on the way to something with a name
of its own. Only where nothing with a name hangs below it, a list of strings say, is the
plumbing itself the survivor to report, and then only its outermost part.
"""

import sys
from collections.abc import Container, Iterable, Iterator, Sequence
from io import StringIO
from itertools import islice
from types import BuiltinMethodType, FunctionType, MethodType
from weakref import finalize

from leakwatch.heap.fields import entries, function_of, own_text, self_of
from leakwatch.heap.graph import HeapGraph
from leakwatch.heap.objects import identities, inherits, is_exactly, type_name
from leakwatch.heap.roots.root import HeapRoot
from leakwatch.heap.structural_types import CONTAINERS, MAPPINGS, is_machinery, is_plumbing
from leakwatch.interpreter import get_referents
from weakrefs import ReferenceType


def with_a_name(survivors: Sequence[object]) -> list[object]:
    """The survivors that are not plumbing."""
    kinds = plumbing_among(survivors)
    return [survivor for survivor in survivors if id(type(survivor)) not in kinds]


def plumbing_among(survivors: Sequence[object]) -> set[int]:
    """Ids of the types of plumbing among some objects; each type is asked once."""
    types = {id(type(survivor)): type(survivor) for survivor in survivors}
    return {number for number, cls in types.items() if is_plumbing(cls)}


def unnamed_only(
    graph: HeapGraph,
    survivors: Sequence[object],
    named: Iterable[int],
    grown: frozenset[int] = frozenset(),
) -> list[int]:
    """Positions of the outermost structural survivors that hold no object of a named type.

    Args:
        graph: after phase one, before any survivor has been entered.
        survivors: everything that was born.
        named: positions of the survivors with a name.
        grown: ids of survivors that are told for their entries.

    Returns:
        positions in the order of discovery. What hangs from the same object as a survivor
        with a name is left out, unless that object was there before and is a container,
        whose entries are separate matters: a stored exception's frames are no leak beside
        its `Session`, nor is the result that a cache keeps for a `Session`.
    """
    plumbing = set()
    kinds = plumbing_among(survivors)
    for survivor in survivors:
        if id(type(survivor)) in kinds and not refers_weakly(survivor):
            position = graph.position_of(survivor)
            if position is not None:
                plumbing.add(position)
    named = set(named)
    fertile = {holder for position in named for holder in upwards(graph, position, plumbing)}
    holders = {lasting_holder(graph, position, plumbing) for position in named}
    reported = named | fertile
    partners = {found for holder in holders for found in paired(graph, holder, reported)}
    outermost = [
        position
        for position in plumbing - fertile
        if graph.parent_of(position) not in plumbing
        and may_be_reported(graph.object_at(position), grown)
    ]
    separate = [
        position
        for position in outermost
        if position not in partners
        and (is_entry(graph, holder := graph.parent_of(position)) or holder not in holders)
    ]
    wrapped = contents(graph, plumbing - fertile)
    return sorted(wrapped.get(position, position) for position in separate)


def contents(graph: HeapGraph, plumbing: set[int]) -> dict[int, int]:
    """For each tuple with one container in it, that container: the tuple is only its wrapper."""
    inside: dict[int, list[int]] = {}
    for position in plumbing:
        inside.setdefault(graph.parent_of(position), []).append(position)
    return {
        holder: found[0]
        for holder, found in inside.items()
        if holder in plumbing and len(found) == 1 and type(graph.object_at(holder)) is tuple
    }


def paired(graph: HeapGraph, holder: int, reported: set[int]) -> Iterator[int]:
    """Positions of the keys and values of a dict whose partner is reported."""
    if holder < 0 or not is_exactly(graph.object_at(holder), MAPPINGS):
        return
    for entry in entries(graph.object_at(holder)):
        key, value = map(graph.position_of, entry)
        if key in reported and value is not None:
            yield value
        if value in reported and key is not None:
            yield key


def may_be_reported(survivor: object, grown: frozenset[int]) -> bool:
    """Whether an unnamed survivor can be a leak: not machinery, nor a consequence of others.

    Args:
        survivor: the object.
        grown: ids of survivors that are told for their entries.
    """
    if id(survivor) in grown:
        return True
    return not is_machinery(type(survivor)) and not refers_weakly(survivor)


def refers_weakly(survivor: object) -> bool:
    """A weak reference to something alive: a consequence of that being alive."""
    if not inherits(type(survivor), ReferenceType):
        return False
    return ReferenceType.__call__(survivor) is not None  # type: ignore[arg-type]


def upwards(graph: HeapGraph, position: int, plumbing: set[int]) -> Iterator[int]:
    """The plumbing that a position hangs from, nearest first."""
    holder = graph.parent_of(position)
    while holder in plumbing:
        yield holder
        holder = graph.parent_of(holder)


def lasting_holder(graph: HeapGraph, position: int, plumbing: set[int]) -> int:
    """The first holder above a position that was there before."""
    holder = graph.parent_of(position)
    while holder in plumbing:
        holder = graph.parent_of(holder)
    return holder


def is_entry(graph: HeapGraph, holder: int) -> bool:
    """Whether a holder is a container, or a root itself."""
    return holder < 0 or is_exactly(graph.object_at(holder), CONTAINERS)


EXITS = frozenset({"__exit__", "__aexit__"})
NAMED_BY_C = identities((BuiltinMethodType, FunctionType))
"""Types whose `__name__` is a field of C."""
FINALIZERS = finalize.__dict__["_registry"]
STEPS_TO_A_CONDITION = 3
"""From a waiter up to its condition: the deque, on 3.11 perhaps the condition's dict."""


def is_consequence(
    graph: HeapGraph,
    position: int,
    root: HeapRoot,
    survivors: Container[int],
    grown: Container[int] = (),
) -> bool:
    """Whether a survivor is a by-product of another one, and is not reported beside it.

    Each is part of how the interpreter or the standard library keeps something that has a path of
    its own: a thread, a finalizer, a buffer, the inside of a `with` block.

    Args:
        graph: after phase one.
        position: of the survivor.
        root: above it.
        survivors: ids of all.
        grown: ids of those that are told for their entries.
    """
    return (
        comes_with_its_owner(graph.object_at(position), root, survivors)
        or is_lock_of_a_thread(graph, position)
        or (
            graph.parent_of(position) < 0
            and comes_with_its_place(root)
            and id(graph.object_at(position)) not in grown
        )
        or is_mark_of_a_thread(graph.object_at(position))
        or is_waiter(graph, position)
        or is_finalizer(graph, position, root)
        or is_text_of_a_buffer(graph, position)
        or is_callback_of_a_reference(graph, position, survivors)
    )


def comes_with_its_place(root: HeapRoot) -> bool:
    """Whether what the root holds is part of it, as the dict of a module or a class is."""
    return root.is_namespace or root.facts.made_when_needed


def is_mark_of_a_thread(found: object) -> bool:
    """Whether a `threading.local` notes threads, or their end, by it: seen from CPython 3.13 on."""
    if type(found) is BuiltinMethodType:
        return own_text(found, "__name__") == "clear_locals"
    if type(found) is dict:
        return any(type_name(type(key)) == "_thread._localdummy" for key in islice(found, 1))
    return False


def comes_with_its_owner(found: object, root: HeapRoot, survivors: Container[int]) -> bool:
    """Whether the root is there because of another survivor: a frame because of its thread."""
    return root.owner is not None and root.owner is not found and id(root.owner) in survivors


def is_lock_of_a_thread(graph: HeapGraph, position: int) -> bool:
    """Whether `threading` notices by it, at exit, that a thread has ended (up to CPython 3.12)."""
    holder = graph.parent_of(position)
    locks = sys.modules["threading"].__dict__.get("_shutdown_locks")
    return holder >= 0 and locks is not None and graph.object_at(holder) is locks


def is_waiter(graph: HeapGraph, position: int) -> bool:
    """Whether it is the lock on which a thread waits for a condition, an event or a queue."""
    if type_name(type(graph.object_at(position))) != "_thread.lock":
        return False
    for _ in range(STEPS_TO_A_CONDITION):
        position = graph.parent_of(position)
        if position < 0:
            return False
        if type_name(type(graph.object_at(position))) == "threading.Condition":
            return True
    return False


def is_finalizer(graph: HeapGraph, position: int, root: HeapRoot) -> bool:
    """Whether it is the key of its own record, or that record's callback: a by-product of it."""
    if type(graph.object_at(position)) is not finalize:
        return False
    holder = graph.parent_of(position)
    return root.facts.of_finalizers or (holder >= 0 and graph.object_at(holder) is FINALIZERS)


def is_callback_of_a_reference(graph: HeapGraph, position: int, survivors: Container[int]) -> bool:
    """Whether a weak reference to another survivor calls it: it goes when that one does."""
    holder = graph.parent_of(position)
    if holder < 0 or not inherits(type(graph.object_at(holder)), ReferenceType):
        return False
    referent = ReferenceType.__call__(graph.object_at(holder))  # type: ignore[arg-type]
    return referent is not None and id(referent) in survivors


def is_text_of_a_buffer(graph: HeapGraph, position: int) -> bool:
    """Whether it is a list of an `io.StringIO`: `leakwatch.heap.hidden_references` finds them."""
    found, holder = graph.object_at(position), graph.parent_of(position)
    if holder < 0 or type(found) is not list:
        return False
    buffer = graph.object_at(holder)
    if not inherits(type(buffer), StringIO):
        return False
    return all(it is not found for it in get_referents(buffer))


def is_method_of_a_survivor(found: object, graph: HeapGraph, survivors: Container[int]) -> bool:
    """Whether it is a method of a survivor that a root reaches: a thread's, that runs it."""
    if type(found) is not MethodType or id(self_of(found)) not in survivors:
        return False
    return graph.position_of(self_of(found)) is not None


def is_exit_of_a_block(found: object) -> bool:
    """Whether it is what a `with` statement calls in the end: whoever is inside has it."""
    if type(found) is MethodType:
        found = function_of(found)
    return is_exactly(found, NAMED_BY_C) and own_text(found, "__name__") in EXITS
