"""Survivors that no named root reaches: held by native code, or cyclic garbage.

A reference-count surplus (`leakwatch.paths.refcounts`) proves a holder in C though it cannot name
it. What no surplus explains is garbage: nothing holds it but a cycle of references.
"""

from collections.abc import Iterable, Iterator, Sequence
from types import BuiltinMethodType, MethodType, MethodWrapperType

from leakwatch.guest.collector import unread_threads
from leakwatch.heap.fields import class_attribute, module_name, mro
from leakwatch.heap.graph import HeapGraph
from leakwatch.heap.listing import listed_of
from leakwatch.heap.objects import (
    class_of,
    identities,
    is_class,
    is_exactly,
    participates_in_gc,
    shallow_size,
    type_name,
)
from leakwatch.heap.roots.root import HeapRoot
from leakwatch.heap.structural_types import company_of, is_plumbing
from leakwatch.interpreter import EXIT_CALLBACKS_ARE_SHOWN, exit_callbacks
from leakwatch.model import State
from leakwatch.model.leaks import folded
from leakwatch.model.root_kinds import CYCLIC_GARBAGE, NATIVE_CODE, UNKNOWN_HOLDER, RootKind
from leakwatch.paths.cycles import Garbage
from leakwatch.paths.outermost import (
    is_exit_of_a_block,
    is_method_of_a_survivor,
    may_be_reported,
    with_a_name,
)
from leakwatch.paths.question import Question, Shape, Trace
from leakwatch.paths.refcounts import OWN_REFERENCES, UnreachedObjects
from leakwatch.paths.routes import KnownRoute
from leakwatch.paths.sizes import size_of_groups

STOPPED = "(the walk stopped before it found one)"
UNREAD = "(native code, or a variable of a thread that runs: those cannot be read here)"
EXIT_REGISTRY = "atexit"
NOT_KNOWN = "(reference counts say nothing on this interpreter) or cyclic garbage"
BOUND = identities((BuiltinMethodType, MethodType, MethodWrapperType))


def unexplained_traces(graph: HeapGraph, question: Question) -> list[Trace]:
    """A trace for each survivor that the walk from the roots did not reach."""
    missing = graph.unreached(question.survivors)
    if question.owners_only:
        # A weak reference to something alive, such as a class has in the table of its base.
        missing = [found for found in missing if may_be_reported(found)]
        missing = with_a_name(missing) or unnamed(missing, graph, question)
    if not missing:
        return []
    if graph.spent:
        # No proof of anything: what holds them may be all that was not looked at.
        return [trace_of_unknown(found) for found in missing]
    unreached = UnreachedObjects(graph, missing, frozenset(map(id, question.survivors)))
    count = len(missing)
    missing.clear()
    try:
        return list(traces_on(unreached, count, question))
    finally:
        unreached.close()


def unnamed(missing: list[object], graph: HeapGraph, question: Question) -> list[object]:
    """Structural survivors that may be reported: a method that is called lies on the stack of C."""
    if question.repeated:
        survivors = frozenset(map(id, question.survivors))
        return [
            found
            for found in missing
            if not is_exit_of_a_block(found)
            and not is_method_of_a_survivor(found, graph, survivors)
        ]
    return [found for found in missing if not is_exactly(found, BOUND)]


def traces_on(unreached: UnreachedObjects, count: int, question: Question) -> Iterator[Trace]:
    """The traces of the first members, which are the survivors to explain.

    None of one that another survivor's trace covers, or to which nothing but leakwatch refers.
    """
    all_held = list(held(unreached, count, question))
    covered = {position for _, _, alike in all_held for position in alike}
    if question.owners_only:
        unreached.give_up(set(range(count)) - covered)
    for holder, way, alike in all_held:
        yield trace_of(unreached, holder, way, alike, question)


Holder = tuple[str, str]
"""What is known of a native holder, in words, and the `State` that follows from it, if one does."""
Held = tuple[Holder | None, list[int], list[int]]
"""The native holder, None of a cycle; the way; the survivors that it covers."""


def held(unreached: UnreachedObjects, count: int, question: Question) -> Iterator[Held]:
    """Yield how each of the first members is held; skip those covered by another one's trace."""
    garbage = Garbage(unreached)
    # Thousands of survivors may hang from one list, whose holder is looked for once.
    holders: dict[int, Holder] = {}
    blind = [name for name in BLIND if has_instances(name)]
    for position in range(count):
        if unreached.is_held(position):
            chain = unreached.chain(position)
            if chain[0] not in holders:
                holders[chain[0]] = holder_of(unreached, chain[0], blind, question)
            through = any(id(unreached[at]) in unreached.survivors for at in chain[:-1])
            if not (through and question.owners_only):
                yield holders[chain[0]], chain, [position]
        elif OWN_REFERENCES is None:
            yield (NOT_KNOWN, ""), [position], [position]
        elif (found := garbage.way_to(position)) is not None:
            yield None, *found


def trace_of(
    unreached: UnreachedObjects,
    holder: Holder | None,
    way: Sequence[int],
    alike: Sequence[int],
    question: Question,
) -> Trace:
    """A trace from native code, or without a holder from a cycle of garbage."""
    objects = [unreached[at] for at in way]
    if holder is None:
        root = HeapRoot(CYCLIC_GARBAGE, "", objects[0])
    elif unread_threads():
        root = HeapRoot(UNKNOWN_HOLDER, UNREAD, objects[0], in_use=True)
    else:
        label, state = holder
        root = HeapRoot(NATIVE_CODE, label, objects[0], identity="native", state=state)
    survivor = objects[-1]
    owned = owned_by(unreached, alike)
    # Of the rest nothing is to be explained: it was there before, as a loop of C was.
    born = [new for group in owned if (new := [it for it in group if unreached.is_asked(it)])]
    trace = Trace(
        survivor,
        root,
        KnownRoute(objects),
        retained=size_of_groups(owned, question.sizers),
        shallow=shallow_size(survivor),
        nested=tuple(id(unreached[at]) for at in alike if unreached[at] is not survivor),
        shape=shape_of(root.facts, root.label, objects),
        company=tuple(company_of(born, survivor)),
    )
    owned.clear()
    born.clear()
    return trace


def trace_of_unknown(survivor: object) -> Trace:
    """A trace without a path, where the budget of the walk was spent."""
    root = HeapRoot(UNKNOWN_HOLDER, STOPPED, survivor)
    size = shallow_size(survivor)
    shape = shape_of(UNKNOWN_HOLDER, "", [survivor])
    return Trace(survivor, root, KnownRoute([survivor]), retained=size, shallow=size, shape=shape)


def shape_of(kind: RootKind, label: str, objects: Sequence[object]) -> Shape:
    """The shape of a path that no root begins: all on it is of the survivor's own time."""
    return (kind.name, label, *folded([id(type(found)) for found in objects]))


def owned_by(unreached: UnreachedObjects, positions: Iterable[int]) -> list[list[object]]:
    """Some survivors and what only they reach, in groups of one type each."""
    groups: dict[int, list[object]] = {}
    for position in positions:
        for found in unreached.credit(position):
            groups.setdefault(id(type(found)), []).append(found)
    return list(groups.values())


def holder_of(
    unreached: UnreachedObjects, first: int, blind: Sequence[str], question: Question
) -> Holder:
    """What is known of the native holder of a member."""
    before = question.query.exit_callbacks
    at_exit = exit_registry(before) if may_be_registered(unreached[first]) else []
    others = [*blind] if may_be_registered(unreached[first]) else []
    # C objects near by that the collector cannot look into.
    others += sorted(
        type_name(cls)
        for cls in {id(type(it)): type(it) for it in unreached.within_reach(first)}.values()
        if not participates_in_gc(cls) and module_name(cls) not in {"builtins", "_weakref"}
    )
    candidates = [*at_exit, *others]
    suspicion = f", perhaps {' or '.join(candidates[:3])}" if candidates else ""
    only_at_exit = before is not None and at_exit and not others
    state = State.REGISTERED_MEANWHILE if only_at_exit else ""
    return f"(surplus {unreached.surplus(first)}){suspicion}", state


def may_be_registered(first: object) -> bool:
    """Whether a registry in C may hold an object: it keeps callables and their arguments.

    Such are atexit and a connection of sqlite3, which keeps functions that SQL can call; neither
    shows what it holds.
    """
    if is_plumbing(type(first)) or is_class(first):
        return True
    # The object itself is not asked.
    return any(class_attribute(cls, "__call__") is not None for cls in mro(type(first)))


def exit_registry(before: int | None) -> list[str]:
    """atexit, unless the number of its callbacks rules it out.

    Before CPython 3.14 their number is all that can be asked without running code of the program:
    to list them, `atexit.unregister` could be given an object that notes what it is compared with,
    but that calls the `__eq__` of the callbacks first. Since then the registry is a root.
    """
    if EXIT_CALLBACKS_ARE_SHOWN:
        return []
    registered = exit_callbacks()
    if before is None:
        return [f"{EXIT_REGISTRY} ({registered} registered)"] if registered else []
    added = registered - before
    return [f"{EXIT_REGISTRY} ({added} registered meanwhile)"] if added > 0 else []


BLIND = ("sqlite3.Connection",)
"""Types whose instances the collector knows, and which hold more than they show."""


def has_instances(name: str) -> bool:
    """Whether the collector lists an object of a type, by the type's full name."""
    module, _, attribute = name.rpartition(".")
    cls = class_of(module, attribute)
    return cls is not None and bool(listed_of(frozenset([id(cls)])))
