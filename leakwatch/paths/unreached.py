"""Survivors that no named root reaches: held by native code, or cyclic garbage.

A reference-count surplus (`leakwatch.paths.refcounts`) proves a holder in C though it cannot name
it. What no surplus explains is garbage: nothing holds it but a cycle of references.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import BuiltinMethodType, MethodType, MethodWrapperType

from leakwatch.guest.collector import unread_threads
from leakwatch.heap.fields import class_attribute, mro
from leakwatch.heap.graph import HeapGraph
from leakwatch.heap.listing import listed_of
from leakwatch.heap.objects import (
    class_of,
    identities,
    is_class,
    is_exactly,
    shallow_size,
)
from leakwatch.heap.roots.frames import is_resumed_by_call_of_several
from leakwatch.heap.roots.root import HeapRoot
from leakwatch.heap.structural_types import is_plumbing
from leakwatch.heap.tasks import step_that_runs
from leakwatch.interpreter import EXIT_CALLBACKS_ARE_SHOWN, exit_callbacks
from leakwatch.model import State
from leakwatch.model.leaks import folded
from leakwatch.model.root_kinds import CYCLIC_GARBAGE, NATIVE_CODE, UNKNOWN_HOLDER, RootKind
from leakwatch.paths.cycles import Garbage
from leakwatch.paths.opaque_holders import opaque_types
from leakwatch.paths.outermost import (
    is_exit_of_a_block,
    is_method_of_a_survivor,
    may_be_reported,
    plumbing_among,
    with_a_name,
)
from leakwatch.paths.question import Question, Shape, Trace
from leakwatch.paths.refcounts import OWN_REFERENCES, UnreachedObjects
from leakwatch.paths.routes import KnownRoute
from leakwatch.paths.sizes import bytes_of_groups, kinds_in

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
        missing = [found for found in missing if may_be_reported(found, question.grown)]
        missing = reportable(missing, graph, question)
    if not missing:
        return []
    if graph.spent:
        # No proof of anything: what holds them may be all that was not looked at.
        return [trace_of_unknown(found) for found in missing]
    unreached = UnreachedObjects(graph, missing, frozenset(map(id, question.survivors)))
    count = len(missing)
    missing.clear()
    try:
        return list(question.deadline.cut(traces_on(unreached, count, question)))
    finally:
        unreached.close()


def reportable(missing: list[object], graph: HeapGraph, question: Question) -> list[object]:
    """The survivors with a name, then those without one, where they may be a leak of their own.

    In repeated work both are: a holder in C that keeps one more list each time is no part of what
    keeps a session. Of a single stretch of work the arguments of a call may be left over, so there
    the unnamed count only where nothing with a name does.
    """
    named = with_a_name(missing)
    if named and not question.repeated:
        return named
    known = set(map(id, named))
    others = [found for found in missing if id(found) not in known]
    return named + unnamed(others, graph, question)


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
    all_held = without_arguments(list(held(unreached, count, question)), unreached, question)
    covered = {position for _, _, alike in all_held for position in alike}
    if question.owners_only:
        unreached.give_up(set(range(count)) - covered)
    for holder, way, alike in all_held:
        yield trace_of(unreached, holder, way, alike, question)


Holder = tuple[str, str]
"""What is known of a native holder, in words, and the `State` that follows from it, if one does."""
Held = tuple[Holder | None, list[int], list[int]]
"""The native holder, None of a cycle; the way; the survivors that it covers, the nearest first."""


def without_arguments(
    found: list[Held], unreached: UnreachedObjects, question: Question
) -> list[Held]:
    """Without the tuple of arguments of the call that goes on with who asks, if there is one.

    In repeated work such do not become more; that of asyncio's own loop was never noted.
    """
    if question.repeated or step_that_runs():
        return found
    if not is_resumed_by_call_of_several(question.query.asking_frames()):
        return found
    arguments = next((it for it in found if is_bare_tuple_of_c(it, unreached)), None)
    return [it for it in found if it is not arguments]


def is_bare_tuple_of_c(it: Held, unreached: UnreachedObjects) -> bool:
    """Whether it is a tuple that nothing but one holder in C has."""
    holder, way, _ = it
    alone = holder is not None and len(way) == 1 and type(unreached[way[0]]) is tuple
    return alone and unreached.surplus(way[0]) == 1


def held(unreached: UnreachedObjects, count: int, question: Question) -> Iterator[Held]:
    """Yield how each of the first members is held; skip those covered by another one's trace."""
    garbage = Garbage(unreached)
    # Thousands of survivors may hang from one list, whose holder is looked for once.
    holders: dict[int, Holder] = {}
    blind = [name for name in BLIND if has_instances(name)]
    branches = branches_of(unreached, count) if question.owners_only else {}
    for position in range(count):
        if unreached.is_held(position):
            if question.owners_only and position not in branches:
                continue
            chain = unreached.chain(position)
            if chain[0] not in holders:
                holders[chain[0]] = holder_of(unreached, chain[0], blind, question)
            yield holders[chain[0]], chain, of_its_type(unreached, position, branches)
        elif OWN_REFERENCES is None:
            yield (NOT_KNOWN, ""), [position], [position]
        elif (found := garbage.way_to(position)) is not None:
            yield None, *found


def branches_of(unreached: UnreachedObjects, count: int) -> dict[int, list[int]]:
    """The outermost survivors that are held, each with all below it.

    A list or a dict that leads to something with a name is passed through.
    """
    plumbing = plumbing_among([unreached[at] for at in range(count)])
    unnamed = {at for at in range(count) if id(type(unreached[at])) in plumbing}
    named = [at for at in range(count) if at not in unnamed and unreached.is_held(at)]
    return unreached.outermost(unnamed & unreached.above_all(named))


def of_its_type(
    unreached: UnreachedObjects, position: int, branches: Mapping[int, list[int]]
) -> list[int]:
    """A survivor and those of its type that hang from it: the links of a chain."""
    kind = type(unreached[position])
    return [at for at in branches.get(position, [position]) if type(unreached[at]) is kind]


def trace_of(
    unreached: UnreachedObjects,
    holder: Holder | None,
    way: Sequence[int],
    alike: Sequence[int],
    question: Question,
) -> Trace:
    """A trace from native code, or without a holder from a cycle of garbage."""
    objects = [unreached[at] for at in way]
    onward = []
    if holder is not None and len(alike) > 1:
        onward = [unreached[at] for at in unreached.chain(alike[1])]
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
    retained = bytes_of_groups(owned, question.sizers, question.shared)
    trace = Trace(
        survivor,
        root,
        KnownRoute(objects, onward),
        retained=retained.process,
        device=retained.device,
        unseen=retained.unseen,
        shallow=shallow_size(survivor),
        nested=tuple(id(unreached[at]) for at in alike if unreached[at] is not survivor),
        shape=shape_of(root.facts, root.label, onward or objects),
        order=unreached.position_of(survivor),
        circle=unreached.component(way[0]) if holder is None else None,
        also=tuple(kinds_in(born, survivor, question.sizers)),
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
    others += opaque_types(unreached.within_reach(first))
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
