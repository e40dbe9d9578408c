"""Types that are never the leak itself but part of how something else is held.

When everything born in a scope is judged, a leaked `Session` brings its `__dict__`, a bound
method and a tuple of arguments along. The report names the session.
"""

import contextvars
from collections import OrderedDict, defaultdict, deque
from collections.abc import Iterable, Iterator
from functools import lru_cache, partial
from types import (
    BuiltinMethodType,
    CellType,
    ClassMethodDescriptorType,
    FrameType,
    FunctionType,
    GetSetDescriptorType,
    MappingProxyType,
    MemberDescriptorType,
    MethodDescriptorType,
    MethodType,
    MethodWrapperType,
    TracebackType,
    WrapperDescriptorType,
)

from leakwatch.heap.fields import class_attribute, module_name, mro, qualified_name
from leakwatch.heap.objects import ATOMS, identities, inherits, is_module, type_name
from leakwatch.heap.provenance import is_standard_module
from leakwatch.interpreter import FROZEN_MAPPINGS, LAZY_IMPORTS
from weakrefs import ReferenceType

DICTS = identities((dict, OrderedDict, defaultdict))
"""Ids of the builtin mappings that can grow."""

MAPPINGS = DICTS | identities(FROZEN_MAPPINGS)
"""Ids of the builtin mappings."""

CONTAINERS = MAPPINGS | identities((list, tuple, set, frozenset, deque))
"""Ids of the builtin containers."""

DESCRIPTORS = identities(
    (
        ClassMethodDescriptorType,
        GetSetDescriptorType,
        MemberDescriptorType,
        MethodDescriptorType,
        WrapperDescriptorType,
    )
)
"""What C makes for the attributes of a class: there as long as that, and no leak beside it."""

PLUMBING = (
    CONTAINERS
    | DESCRIPTORS
    | identities(
        (
            BuiltinMethodType,
            CellType,
            FrameType,
            FunctionType,
            MappingProxyType,
            MethodType,
            MethodWrapperType,
            ReferenceType,
            TracebackType,
            contextvars.Context,
            contextvars.Token,
            partial,
            type(lru_cache(len)),
            *LAZY_IMPORTS,
        )
    )
)


HAMT_NODES = frozenset({"hamt", "hamt_array_node", "hamt_bitmap_node", "hamt_collision_node"})
"""The tree inside a context, by type name: each `ContextVar.set` makes new nodes."""

INTERNAL = HAMT_NODES | frozenset(
    {
        "functools._lru_list_elem",
        "weakref.KeyedRef",
        "weakref.finalize",
        "weakref.finalize._Info",
        "asyncio.events.Handle",
        "asyncio.events.TimerHandle",
    }
)
"""Parts of caches, contexts and loops that have no name in Python, by type name."""


MACHINERY = DESCRIPTORS | identities(
    (
        CellType,
        FrameType,
        TracebackType,
        contextvars.Context,
        contextvars.Token,
        *LAZY_IMPORTS,
    )
)


def is_machinery(cls: type) -> bool:
    """Whether instances of a type are made by running code, and are never the leak itself.

    The first `ContextVar.set` of a thread makes its context, our own included.
    """
    return id(cls) in MACHINERY or is_node_of_a_context(cls)


def is_node_of_a_context(cls: type) -> bool:
    """Whether instances are nodes of the tree inside a context."""
    return type_name(cls) in HAMT_NODES


def is_plumbing(cls: type) -> bool:
    """Whether a type is structural: its instances are part of how something else is held.

    Weak references of any kind are.
    """
    return (
        id(cls) in PLUMBING
        or type_name(cls) in INTERNAL
        or inherits(cls, ReferenceType)
        or is_bare_tuple(cls)
        or is_wrapper_of_a_key(cls)
        or is_compiled_function(cls)
    )


def is_compiled_function(cls: type) -> bool:
    """Whether a class of C is one of functions: it has what those of Python have."""
    fields = (class_attribute(cls, name) for name in ("__code__", "__closure__", "__defaults__"))
    return all(type(it) is GetSetDescriptorType for it in fields)


def is_wrapper_of_a_key(cls: type) -> bool:
    """Whether a class is a list or tuple in which the standard library wraps what it was given.

    `functools` wraps the arguments of a call so, to keep their hash: whoever has the leak knows the
    arguments.
    """
    private = qualified_name(cls).startswith("_") and is_standard_module(module_name(cls))
    return private and (inherits(cls, list) or inherits(cls, tuple))


def is_bare_tuple(cls: type) -> bool:
    """Whether a class is a tuple without names for its items, such as a cache uses for a key."""
    return inherits(cls, tuple) and not any(
        class_attribute(base, "_fields") is not None for base in mro(cls)
    )


def named_groups(groups: Iterable[list[object]], owner: object) -> Iterator[list[object]]:
    """Yield what a survivor retains that has a name, nearest first; not what is of its own type.

    Args:
        groups: what it alone keeps alive, in groups of one exact type each, in the order of
            discovery (`HeapGraph.owned`).
        owner: the survivor.
    """
    for group in groups:
        cls = type(group[0])
        if cls is not type(owner) and has_a_name(cls) and not is_module(group[0]):
            yield group


def has_a_name(cls: type) -> bool:
    """Whether a type tells the reader anything: no structural type, leaf type or metaclass does."""
    return not (id(cls) in ATOMS or is_plumbing(cls) or inherits(cls, type))
