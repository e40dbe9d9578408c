"""Survivors that no named root reaches: held by native code, or cyclic garbage.

A reference-count surplus (`leakwatch.heap.island`) proves a holder in C though it cannot name
it. What no surplus explains is garbage: nothing holds it but a cycle of references.
"""

import sys
from collections.abc import Iterable, Iterator, Sequence
from types import BuiltinMethodType, MethodType, MethodWrapperType

from leakwatch.heap.consequences import is_exit_of_a_block, is_method_of_a_survivor
from leakwatch.heap.garbage import CYCLIC_GARBAGE, Garbage
from leakwatch.heap.island import OWN_REFERENCES, Island
from leakwatch.heap.objects import (
    class_attributes,
    identities,
    is_class,
    is_exactly,
    is_module,
    module_name,
    module_namespace,
    mro,
    participates_in_gc,
    shallow_size,
    type_name,
)
from leakwatch.heap.owners import may_be_told, with_a_name
from leakwatch.heap.plumbing import is_plumbing
from leakwatch.heap.question import Question, Trace
from leakwatch.heap.retained import size_of
from leakwatch.heap.roots import HeapRoot, Wave
from leakwatch.heap.routes import KnownRoute
from leakwatch.heap.shapes import Shape
from leakwatch.heap.walk import HeapGraph, of_types
from leakwatch.interpreter import exit_callbacks, get_objects
from leakwatch.repeats import folded

NATIVE_CODE = "native code"
EXIT_REGISTRY = "atexit"
NOT_KNOWN = "(reference counts say nothing on this interpreter) or cyclic garbage"
BOUND = identities((BuiltinMethodType, MethodType, MethodWrapperType))


def unexplained_traces(graph: HeapGraph, question: Question) -> list[Trace]:
    """A trace for each survivor that the walk from the roots did not reach."""
    missing = graph.unreached(question.survivors)
    if question.owners_only:
        # A weak reference to something alive, such as a class has in the table of its base.
        missing = [found for found in missing if may_be_told(found)]
        missing = with_a_name(missing) or unnamed(missing, graph, question)
    if not missing:
        return []
    island = Island(graph, missing, frozenset(map(id, question.survivors)))
    count = len(missing)
    missing.clear()
    try:
        return list(traces_on(island, count, question))
    finally:
        island.close()


def unnamed(missing: list[object], graph: HeapGraph, question: Question) -> list[object]:
    """Plumbing that may be told of: a method that is being called lies on the stack of C."""
    if question.repeated:
        told = frozenset(map(id, question.survivors))
        return [
            found
            for found in missing
            if not is_exit_of_a_block(found) and not is_method_of_a_survivor(found, graph, told)
        ]
    return [found for found in missing if not is_exactly(found, BOUND)]


def traces_on(island: Island, count: int, question: Question) -> Iterator[Trace]:
    """The traces of the first members, which are the survivors to explain.

    None of one that another survivor's trace tells, or to which nothing but leakwatch refers.
    """
    garbage = Garbage(island)
    for position in range(count):
        if island.is_held(position):
            trace = held_trace(island, position, question)
        elif OWN_REFERENCES is None:
            trace = trace_of(island, position, [position], NOT_KNOWN, question)
        else:
            trace = garbage_trace(island, garbage, position, question)
        if trace is not None:
            yield trace


def held_trace(island: Island, position: int, question: Question) -> Trace | None:
    """The trace of a survivor that native code holds."""
    chain = island.chain(position)
    if question.owners_only and any(id(island[at]) in island.survivors for at in chain[:-1]):
        return None
    return trace_of(island, position, chain, holder_of(island, chain[0], question), question)


def trace_of(
    island: Island, position: int, chain: Sequence[int], label: str, question: Question
) -> Trace:
    """A trace from native code."""
    objects = [island[at] for at in chain]
    root = HeapRoot(NATIVE_CODE, label, objects[0], wave=Wave.ODD, identity="native")
    retained = retained_by(island, [position], question)
    survivor, shape = island[position], shape_of(NATIVE_CODE, label, objects)
    route = KnownRoute(objects)
    return Trace(survivor, root, route, retained, shallow_size(survivor), shape=shape)


def garbage_trace(
    island: Island, garbage: Garbage, position: int, question: Question
) -> Trace | None:
    """The trace of a survivor that only the collector frees; one for a cycle and a type."""
    found = garbage.way_to(position)
    if found is None:
        return None
    way, alike = found
    objects = [island[at] for at in way]
    root = HeapRoot(CYCLIC_GARBAGE, "", objects[0], wave=Wave.ODD)
    survivor = objects[-1]
    inner = tuple(id(island[at]) for at in alike if island[at] is not survivor)
    retained = retained_by(island, alike, question)
    route, shape = KnownRoute(objects), shape_of(CYCLIC_GARBAGE, "", objects)
    return Trace(survivor, root, route, retained, shallow_size(survivor), inner, shape)


def shape_of(kind: str, label: str, objects: Sequence[object]) -> Shape:
    """The shape of a path that no root begins: all on it is of the survivor's own time."""
    return (kind, label, *folded([id(type(found)) for found in objects]))


def retained_by(island: Island, positions: Iterable[int], question: Question) -> int:
    """Bytes of some survivors and of what only they reach."""
    return sum(
        size_of(found, question.sizers)
        for position in positions
        for found in island.credit(position)
    )


def holder_of(island: Island, first: int, question: Question) -> str:
    """What is known of the native holder of a member."""
    candidates = registries(island[first], question.query.exit_callbacks)
    candidates += opaque_types(island.within_reach(first))
    suspicion = f", perhaps {' or '.join(candidates[:3])}" if candidates else ""
    return f"(surplus {island.surplus(first)}){suspicion}"


def opaque_types(members: Iterable[object]) -> list[str]:
    """Types of C objects near by that the collector cannot look into."""
    names = set()
    for member in members:
        cls = type(member)
        if not participates_in_gc(cls) and module_name(cls) not in {"builtins", "_weakref"}:
            names.add(type_name(cls))
    return sorted(names)


def registries(first: object, registered_before: int | None) -> list[str]:
    """Registries written in C that may hold a callable or its arguments, and show neither.

    A connection of sqlite3, if there is one, keeps functions that SQL can call.
    """
    if not is_plumbing(type(first)) and not is_class(first) and not is_callable(first):
        return []
    return exit_registry(registered_before) + [name for name in BLIND if has_instances(name)]


def exit_registry(before: int | None) -> list[str]:
    """atexit, unless the number of its callbacks rules it out.

    Their number is all that can be asked without running code of the program: to list them,
    `atexit.unregister` could be given an object that notes what it is compared with, but that
    calls the `__eq__` of the callbacks first.
    """
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
    loaded = sys.modules.get(module)
    cls = module_namespace(loaded).get(attribute) if is_module(loaded) else None  # type: ignore[arg-type]
    return is_class(cls) and bool(of_types(get_objects(), frozenset([id(cls)])))


def is_callable(found: object) -> bool:
    """Whether the object's class defines `__call__`; the object itself is not asked."""
    return any("__call__" in class_attributes(cls) for cls in mro(type(found)))
