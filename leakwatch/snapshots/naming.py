"""How references are named in a file: once for each name, whatever the number of references."""

from array import array
from collections import deque
from collections.abc import Iterable, Sequence
from contextvars import Context
from functools import partial
from types import CellType, FunctionType, MappingProxyType, MethodType
from typing import Any

from leakwatch.heap.edges import INDEX, TEXTS, Kind, Name, Plan
from leakwatch.heap.fields import (
    bases,
    c_field,
    class_namespace,
    dict_offset,
    entries,
    inherits,
    mro,
    own_field,
    slots_of,
)
from leakwatch.heap.graph import HeapGraph
from leakwatch.heap.keys import attribute_text, key_text
from leakwatch.heap.objects import identities, sizeof_of, type_name
from leakwatch.heap.of_class import Calls, calls_for
from leakwatch.heap.structural_types import is_node_of_a_context
from leakwatch.heap.tasks import FUTURES
from leakwatch.interpreter import FROZEN_MAPPINGS, get_referents
from leakwatch.paths.names.containers import ANY_KEY
from leakwatch.paths.names.name import LRU_WRAPPER, Named, Namer
from leakwatch.paths.names.objects import BY_TYPE, KEY_TYPES
from leakwatch.paths.names.references import name_reference
from leakwatch.paths.sizes import Size, size_of_groups
from leakwatch.snapshots.contents import MASKED, NONE

MOST_HOPS = 12
"""Objects that one reference may lead through; a tree of a context has seven levels."""
ENTRY_OF_A_NAMESPACE = ".__dict__[*]"
KINDS = {
    id(FunctionType): Kind.FUNCTION,
    id(MethodType): Kind.METHOD,
    id(CellType): Kind.CELL,
}
"""Types whose references have fixed names, by id; nobody can derive from them."""
CONTAINERS = (
    (dict, Kind.DICT),
    (list, Kind.SEQUENCE),
    (tuple, Kind.SEQUENCE),
    (set, Kind.SET),
    (frozenset, Kind.SET),
)
ASKED = (frozenset(BY_TYPE) - frozenset(KINDS)) | identities(
    (deque, MappingProxyType, *FROZEN_MAPPINGS)
)
"""Types, and bases, whose references a namer is asked about one by one."""
HELD_TOGETHER = identities((FunctionType, partial, LRU_WRAPPER, Context))
"""Types with references that take several objects to write, such as `.<closure session>`."""


class Names:
    """The names of a file, by number.

    Args:
        keys: whether keys are shown, see `Contents`.

    Attributes:
        of_any_key: the number of the name that all keys have; 0 where each has its own.
    """

    __slots__ = ("_general", "_numbers", "_texts", "of_any_key")

    def __init__(self, keys: str = MASKED) -> None:
        self._texts = list(TEXTS)
        self._general = array("I", range(len(TEXTS)))
        self._numbers = {(text, ""): number for number, text in enumerate(TEXTS)}
        self.of_any_key = self.number(ANY_KEY) if keys == NONE else 0

    def number(self, text: str, general: str = "") -> int:
        """The number of a name.

        Args:
            text: as Python would write it.
            general: without keys, indexes and lines; empty where that is the same.
        """
        known = self._numbers.get((text, general))
        if known is not None:
            return known
        same = general in ("", text)
        other = 0 if same else self.number(general)
        number = self._numbers[text, general] = len(self._texts)
        self._texts.append(text)
        self._general.append(number if same else other)
        return number

    def of(self, named: Named) -> int:
        """The number of what a namer says."""
        name = named.general if self.of_any_key and named.general else named.name
        return self.number(name, named.general)

    def of_key(self, key: object, attribute: int) -> int:
        """The number of a dict's key, or of an attribute."""
        if not attribute:
            return self.of_any_key or self.number(f"[{key_text(key)}]", ANY_KEY)
        text = attribute_text(key)
        general = ENTRY_OF_A_NAMESPACE if text.startswith(".__dict__[") else ""
        return self.of(Named(text, general))

    def columns(self) -> dict[str, bytes]:
        """The names as columns of a file."""
        parts = [text.encode("utf-8", "backslashreplace") for text in self._texts]
        offsets, at = array("I", [0]), 0
        for part in parts:
            at += len(part)
            offsets.append(at)
        return {
            "names.text": b"".join(parts),
            "names.offset": offsets.tobytes(),
            "names.general": self._general.tobytes(),
        }


class Planner:
    """What there is to know of each type, found once for all of its instances.

    Attributes:
        types: those that were asked about, by number.
    """

    __slots__ = ("_names", "_numbers", "_sizers", "types")

    def __init__(self, names: Names, sizers: Calls[Size]) -> None:
        self._names = names
        self._sizers = sizers
        self._numbers: dict[int, int] = {}
        self.types: list[type] = []

    def number_of(self, cls: type) -> int:
        """The number of a type; the next one if it has none yet."""
        number = self._numbers.setdefault(id(cls), len(self.types))
        if number == len(self.types):
            self.types.append(cls)
        return number

    def plan(self, cls: type) -> Plan:
        """See `leakwatch.heap.edges.Plan`."""
        kind, asked = kind_of(cls)
        fields = () if asked else tuple(self._fields_of(cls))
        if self._sizers and calls_for(cls, self._sizers):
            return self.number_of(cls), kind, asked, self._size_by_plugin, 0, fields
        sizeof, header = sizeof_of(cls)
        return self.number_of(cls), kind, asked, sizeof, header, fields

    def _fields_of(self, cls: type) -> Iterable[tuple[object, int]]:
        for base in mro(cls):
            for name, descriptor in slots_of(base):
                yield descriptor, self._names.of_key(name, True)

    def _size_by_plugin(self, subject: object) -> int:
        return size_of_groups([[subject]], self._sizers)


def kind_of(cls: type) -> tuple[Kind, bool]:
    """How instances of a type hold what they hold, and whether a namer is asked."""
    if id(cls) in KINDS:
        return KINDS[id(cls)], False
    kind = Kind.OTHER
    for base, bit in CONTAINERS:
        if inherits(cls, base):
            kind |= bit
    if dict_offset(cls):
        kind |= Kind.HAS_DICT
    bases = mro(cls)
    plain = any(base is cls for base, _ in CONTAINERS)
    asked = not plain and any(id(base) in ASKED for base in bases)
    return kind, asked or is_future(cls)


def is_future(cls: type) -> bool:
    """Whether instances are tasks or futures of asyncio, whose fields in C have no names."""
    return any(type_name(base) in FUTURES for base in mro(cls))


class References:
    """Names references one by one, for types that have rules of their own.

    Args:
        names: of the file.
        namers: how references are named, the first answer counts.
    """

    __slots__ = ("_namers", "_names")

    def __init__(self, names: Names, namers: Sequence[Namer]) -> None:
        self._names = names
        self._namers = namers

    def named(self, holder: object, children: list[object]) -> list[int]:
        """See `leakwatch.heap.edges.Namer`."""
        if type(holder) is deque:
            return items_of_deque(holder, children)
        if type(holder) is type:
            return self._of_class(holder, children)
        return [self._one(holder, child) for child in children]

    def _of_class(self, cls: type, children: list[object]) -> list[int]:
        """The names of what a class refers to, found in one look for all of it.

        They are those that `leakwatch.paths.names.objects` finds one by one: what is an attribute
        is that first, and a class whose metaclass is `type` has `type` as its class.
        """
        namespace = class_namespace(cls)
        keys = {id(value): key for key, value in reversed(entries(namespace))}
        fields = {
            id(c_field(cls, type, "__base__")): self._names.number(".__base__"),
            id(type): self._names.number(".__class__"),
            id(bases(cls)): self._names.number(".__bases__"),
            id(mro(cls)): self._names.number(".__mro__"),
            id(namespace): Name.NAMESPACE,
        }
        return [
            self._names.of_key(keys[id(child)], True)
            if id(child) in keys
            else fields.get(id(child)) or self._one(cls, child)
            for child in children
        ]

    def _one(self, holder: object, child: object) -> int:
        number = self.of_path((holder, child))[0]
        is_space = number == Name.NAMESPACE and type(child) is dict
        return Name.NAMESPACE if is_space else number

    def of_path(self, path: Sequence[object]) -> tuple[int, int]:
        """The name of the first reference of a path, and how many objects it covers."""
        named = name_reference(path, self._namers)
        return self._names.of(named), named.hops


def items_of_deque(holder: Any, children: list[object]) -> list[int]:
    """The indexes of items; one pass, for there may be millions."""
    places: dict[int, int] = {}
    for index, item in enumerate(deque.__iter__(holder)):
        places.setdefault(id(item), index)
    return [
        INDEX | places[id(child)] if id(child) in places else Name.UNNAMED for child in children
    ]


Joint = tuple[object, tuple[object, object], int, int]
"""A holder; the last reference of several that are written as one; the name; how many they are."""


def holds_jointly(cls: type) -> bool:
    """Whether references of instances are written together with what lies behind them."""
    return id(cls) in HELD_TOGETHER or inherits(cls, BaseException)


def joints(graph: HeapGraph, holders: Iterable[object], names: References) -> Iterable[Joint]:
    """Yield the references that take several objects: a closure, its cell, and what is in it.

    Args:
        graph: a walk.
        holders: whose types hold jointly.
        names: names references.
    """
    for holder in holders:
        if type(holder) is Context:
            yield from in_context((holder,), graph, names)
            continue
        for between in between_of(holder):
            for held in get_referents(between):
                if graph.position_of(held) is not None:
                    yield from joint_at((holder, between, held), graph, names)


def in_context(path: tuple[object, ...], graph: HeapGraph, names: References) -> Iterable[Joint]:
    """Yield the values of a context, past the nodes of the tree in which they lie."""
    for held in get_referents(path[-1]):
        if graph.position_of(held) is None:
            continue
        longer = (*path, held)
        if is_node_of_a_context(type(held)):
            yield from in_context(longer, graph, names) if len(path) < MOST_HOPS else ()
        elif len(path) > 1:
            number, hops = names.of_path(longer)
            if hops == len(path):
                yield path[0], (path[-1], held), number, hops


def between_of(holder: Any) -> Iterable[object]:
    """The containers between an object and what it holds, which no program writes."""
    if type(holder) is FunctionType:
        fields = (own_field(holder, name) for name in ("__closure__", "__defaults__"))
        return [it for it in fields if it is not None]
    return [it for it in get_referents(holder) if id(type(it)) in KEY_TYPES or inherits_list(it)]


def inherits_list(it: object) -> bool:
    """Whether an object is a list or a dict, or the key of a cache."""
    return type(it) is dict or inherits(type(it), list)


def joint_at(
    path: tuple[object, object, object], graph: HeapGraph, names: References
) -> Iterable[Joint]:
    """Yield how a reference through one container is written, and through two."""
    holder, between, held = path
    number, hops = names.of_path(path)
    if hops == 2:
        yield holder, (between, held), number, hops
    if type(held) is CellType or id(type(held)) in KEY_TYPES or inherits(type(held), list):
        for inner in get_referents(held):
            if graph.position_of(inner) is not None:
                number, hops = names.of_path((*path, inner))
                if hops == 3:
                    yield holder, (held, inner), number, hops
