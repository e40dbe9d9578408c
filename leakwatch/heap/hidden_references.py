"""References that exist although the collector does not show them.

A type whose instances the collector cannot look into, or one that leaves a field out of its
`tp_traverse`, breaks every chain of references there. Some of those fields can be asked for
without running code of the program. The walk goes on from what they give.
"""

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from io import StringIO
from types import MemberDescriptorType
from typing import Any

from leakwatch.heap.fields import (
    C_FIELDS,
    bases,
    class_attributes,
    mro,
    read,
    subclasses,
    text,
)
from leakwatch.heap.graph import HeapGraph
from leakwatch.heap.objects import (
    ATOMS,
    identities,
    instance_namespace,
    is_class,
    is_exactly,
    participates_in_gc,
)
from leakwatch.heap.of_class import Calls, calls_for
from leakwatch.heap.roots.namespaces import all_classes
from leakwatch.interpreter import get_referents
from weakrefs import ReferenceType

Edge = tuple[int, object]
"""Position of a holder in the graph, and what it holds."""


def hidden_references(graph: HeapGraph, unreached: Sequence[object]) -> Iterator[Edge]:
    """Yield the references from objects that were reached to some that were not.

    Args:
        graph: the walk so far.
        unreached: what it did not reach of the objects that the collector lists.
    """
    yield from subclass_tables(graph, unreached)
    if sys.version_info >= (3, 13):
        yield from shared_namespaces(graph, unreached)
    if sys.version_info < (3, 12):
        yield from text_buffers(graph, unreached)


# -- what is found from its own end -----------------------------------------------------------


def subclass_tables(graph: HeapGraph, unreached: Iterable[object]) -> Iterator[Edge]:
    """Yield the dicts of weak references in which classes keep their subclasses."""
    for found in unreached:
        # By address, so that by far the most are ruled out by their first key.
        if type(found) is dict and type(next(iter(found), None)) is int:
            base = owner_of_subclasses(found)
            position = graph.position_of(base) if base is not None else None
            if position is not None:
                yield position, found


def owner_of_subclasses(table: dict[object, object]) -> type | None:
    """The class whose subclasses a dict lists by their addresses, if it is such a table."""
    for key, reference in list(table.items()):
        if type(key) is not int or type(reference) is not ReferenceType:
            return None
        child = ReferenceType.__call__(reference)
        if child is None:
            continue
        if key != id(child) or not is_class(child):
            return None
        return next((base for base in bases(child) if lists(table, base)), None)
    return None


def lists(table: dict[object, object], base: type) -> bool:
    """Whether a table has an entry for every subclass."""
    children = subclasses(base)
    return len(table) >= len(children) and all(id(child) in table for child in children)


def shared_namespaces(graph: HeapGraph, unreached: Iterable[object]) -> Iterator[Edge]:
    """Yield dicts that share their values with an instance: 3.13 shows the values, not the dict."""
    for found in unreached:
        if type(found) is dict and found:
            position = owner_of_namespace(graph, found)
            if position is not None:
                yield position, found


def owner_of_namespace(graph: HeapGraph, namespace: dict[object, object]) -> int | None:
    """Position of the instance that a dict belongs to, by the parents of its values."""
    values = list(namespace.values())
    for value in values:
        reached = graph.position_of(value)
        position = graph.parent_of(reached) if reached is not None else -1
        if position >= 0 and owns(graph.object_at(position), namespace, values):
            return position
    return None


def owns(holder: object, namespace: object, values: Iterable[object]) -> bool:
    """Whether a dict is the `__dict__` of an object.

    Asking makes a dict where there is none, so only what holds the same values is asked.
    """
    shown = set(map(id, get_referents(holder)))
    if not all(id(value) in shown for value in values):
        return False
    return instance_namespace(holder) is namespace


# -- what is found from its holder ------------------------------------------------------------


Look = Callable[[Any], Iterable[object]]


def opaque_references(graph: HeapGraph, looks: dict[int, list[Look]]) -> Iterator[Edge]:
    """Yield the references from objects that the collector cannot look into and that can be asked.

    Args:
        graph: the walk so far; it may grow meanwhile, and what is new is asked as well.
        looks: as `askable_kinds` gives them.
    """
    kinds, first = frozenset(looks), 0
    while first < len(graph):
        asked, first = graph.kinds_from(first, kinds), len(graph)
        for position in asked:
            holder = graph.object_at(position)
            for look in looks[id(type(holder))]:
                for found in look(holder):
                    if id(type(found)) not in ATOMS:
                        yield position, found


def askable_kinds(known: Calls[Iterable[object]]) -> dict[int, list[Look]]:
    """How to ask instances of types that the collector cannot look into, by the ids of the types.

    They are asked for the fields that a C structure declares, and for their `__dict__`.

    Args:
        known: how plugins look into the instances of some classes. One derived in Python shows
            its `__dict__` to the collector, and what lies in the C structure no more than its base.
    """
    looks: dict[int, list[Look]] = {}
    for cls in all_classes():
        ways = calls_for(cls, known) if known else []
        if not participates_in_gc(cls) and id(cls) not in ATOMS and (fields := fields_of(cls)):
            ways.append(partial(contents, fields))
        if ways:
            looks[id(cls)] = ways
    return looks


def fields_of(cls: type) -> list[Any]:
    """Descriptors of the fields in a C structure, `__dict__` among them."""
    fields = []
    for base in mro(cls):
        for name, descriptor in list(class_attributes(base).items()):
            if type(descriptor) is MemberDescriptorType or (
                is_exactly(descriptor, C_FIELDS) and text(name) == "__dict__"
            ):
                fields.append(descriptor)
    return fields


def contents(fields: Iterable[Any], holder: object) -> Iterator[object]:
    """What the fields of an object hold."""
    return (read(field, holder) for field in fields)


def text_buffers(graph: HeapGraph, unreached: Iterable[object]) -> Iterator[tuple[int, object]]:
    """Yield the references from `io.StringIO` to the lists in which it gathers what is written.

    They are on the collector's list, but `stringio_traverse` (Modules/_io/stringio.c) leaves them
    out, so nothing seems to hold them. Their addresses stand in the buffer's own memory. From
    CPython 3.12 on a buffer has no lists.

    Args:
        graph: the walk so far.
        unreached: what it did not reach of the objects that the collector lists.
    """
    lists = {
        id(found): found
        for found in unreached
        if type(found) is list and all(type(entry) is str for entry in found)
    }
    if not lists:
        return
    kinds = identities(all_classes(StringIO))
    for position in graph.kinds_from(0, kinds):
        for word in memory_of(graph.object_at(position)):
            if word in lists:
                yield position, lists[word]


def memory_of(buffer: object) -> list[int]:
    """The words in the C structure of a buffer, read as numbers and never followed."""
    import ctypes

    word = ctypes.sizeof(ctypes.c_size_t)
    return list((ctypes.c_size_t * (StringIO.__basicsize__ // word)).from_address(id(buffer)))
