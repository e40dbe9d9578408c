"""A whole graph as flat arrays, in pure Python: the definition of correct.

`_edges_native.c` says the same in C. One thing it does better: an attribute of an instance that has
no `__dict__` yet is named without making one. Here one is made, so this is best done in a forked
child.
"""

from array import array
from collections.abc import Callable
from functools import partial
from typing import Any

from leakwatch.heap.fields import entries, own_field, read
from leakwatch.heap.objects import ATOMS, inherits, instance_namespace
from leakwatch.interpreter import get_referents, getrefcount

INDEX = 1 << 31
LARGEST = (1 << 32) - 1
MOST_PLAIN = 100_000_000
UNNAMED, KEY, MEMBER, CLASS, NAMESPACE, SELF, FUNCTION, CONTENTS = range(8)
OF_FUNCTION = (
    ("__closure__", 10),
    ("__globals__", 8),
    ("__builtins__", 9),
    ("__defaults__", 11),
    ("__kwdefaults__", 12),
    ("__doc__", 13),
    ("__module__", 14),
)
ANNOTATIONS = 15
DICT, SEQUENCE, SET, HAS_DICT, IS_FUNCTION, IS_METHOD, IS_CELL = (1 << bit for bit in range(7))
_alone = [object()]
EXCLUSIVE = max(getrefcount(item) for item in _alone) + 1
"""What `getrefcount` says of an item of a list of referents that one other object holds."""
COLUMNS = (
    *("objects.type", "objects.size", "objects.atoms", "objects.length"),
    *("edges.offset", "edges.target", "edges.name"),
    *("hidden.holder", "hidden.target"),
    *(EQUALS := ("equal.type", "equal.copies", "equal.bytes", "equal.holder")),
)
LEAST_LENGTH = 2
"""Of shorter strings and bytes the interpreter itself keeps one each."""

Naming = tuple[
    Callable[[type], tuple[int, int, bool, Callable[[Any], int], int, Any]],
    Callable[[object, list[object]], list[int]],
    Callable[[object, int], int],
    int,
    int,
]


def edges_of(
    graph: Any,
    first: int,
    namespaces: list[int],
    naming: Naming,
) -> dict[str, bytes]:
    """The objects of a graph from a position on, and the references between them.

    Args:
        graph: the walk.
        first: the first position that is written, as object 0.
        namespaces: positions of dicts whose keys are names of attributes.
        naming: gives what there is to know of a type, see `leakwatch.heap.edges.Plan`; the names
            of references of what no rule of here names; the name of a key, or of an attribute; and
            the name of all keys, or 0 where each has its own; a number that nobody can guess, for
            hashes that stay in here.

    Returns:
        little-endian columns of numbers of 32 bits: of objects the type, the bytes, the bytes of
        the atoms that only it holds, the length; of references the first of each object, the
        target, the name; holder and target of the references by which the walk went on and that
        nothing shows; and of strings and bytes that are there several times the type, how many
        they are, the bytes of each, and the first object that holds one.
    """
    return _Writer(graph, first, namespaces, naming).written()


class _Writer:
    """Writes the columns, object by object."""

    def __init__(self, graph: Any, first: int, namespaces: list[int], naming: Naming) -> None:
        self._graph = graph
        self._first = first
        self._namespaces = {at - first for at in namespaces}
        self._planner, self._namer, self._key_name, self._any_key, _ = naming
        self._plans: dict[int, Any] = {}
        self._shown: set[int] = set()
        self._seen: set[int] = set()
        self._equals: dict[str | bytes, list[int]] = {}
        self._columns = {name: array("I") for name in COLUMNS}

    def written(self) -> dict[str, bytes]:
        """The columns of all objects."""
        self._columns["edges.offset"].append(0)
        for position in range(self._first, len(self._graph)):
            self._add(position)
        self._add_hidden()
        self._add_equals()
        return {name: column.tobytes() for name, column in self._columns.items()}

    def _add_hidden(self) -> None:
        for position in range(self._first, len(self._graph)):
            parent, number = self._graph.parent_of(position), position - self._first
            if parent >= self._first and number not in self._shown:
                self._columns["hidden.holder"].append(parent - self._first)
                self._columns["hidden.target"].append(number)

    def _note_equal(self, value: str | bytes, holder: int, *, alone: bool) -> None:
        if len(value) < LEAST_LENGTH or id(value) in self._seen:
            return
        if not alone:  # others may show it too
            self._seen.add(id(value))
        self._equals.setdefault(value, [holder, 0])[1] += 1

    def _add_equals(self) -> None:
        for value, (holder, copies) in self._equals.items():
            if copies > 1:
                number, _, _, sizeof, header, _ = self._plan_of(value)
                row = (number, copies, min(sizeof(value) + header, LARGEST), holder)
                for name, it in zip(EQUALS, row, strict=True):
                    self._columns[name].append(it)

    def _plan_of(self, found: object) -> Any:
        number = id(type(found))
        if number not in self._plans:
            self._plans[number] = self._planner(type(found))
        return self._plans[number]

    def _add(self, position: int) -> None:
        holder, columns = self._graph.object_at(position), self._columns
        number, kind, asked, sizeof, header, fields = self._plan_of(holder)
        children = get_referents(holder)
        columns["objects.type"].append(number)
        columns["objects.size"].append(min(sizeof(holder) + header, LARGEST))
        columns["objects.length"].append(length_of(holder, kind))
        columns["objects.atoms"].append(min(self._atoms(children), LARGEST))
        for child in children:
            if type(child) is str or type(child) is bytes:
                alone = getrefcount(child) <= EXCLUSIVE
                self._note_equal(child, position - self._first, alone=alone)
        held = [
            (child, found - self._first)
            for child in children
            if id(type(child)) not in ATOMS
            and (found := self._graph.position_of(child)) is not None
            and found >= self._first
        ]
        names = self._names(holder, position - self._first, kind, fields, held, asked=asked)
        for (_, target), name in zip(held, names, strict=True):
            if name == NAMESPACE:
                self._namespaces.add(target)
            if self._graph.parent_of(target + self._first) == position:
                self._shown.add(target)
            columns["edges.target"].append(target)
            columns["edges.name"].append(name)
        columns["edges.offset"].append(len(columns["edges.target"]))

    def _atoms(self, children: list[object]) -> int:
        total = 0
        for child in children:
            if id(type(child)) in ATOMS and getrefcount(child) <= EXCLUSIVE:
                _, _, _, sizeof, header, _ = self._plan_of(child)
                total += sizeof(child) + header
        return total

    def _names(
        self, holder: object, at: int, kind: int, fields: Any, held: list[Any], *, asked: bool
    ) -> list[int]:
        if asked:
            return self._namer(holder, [child for child, _ in held]) if held else []
        if kind & IS_FUNCTION:
            return [of_function(holder, child) for child, _ in held]
        if kind & IS_METHOD:
            subject = own_field(holder, "__self__")
            return [SELF if child is subject else FUNCTION for child, _ in held]
        if kind & IS_CELL:
            return [CONTENTS] * len(held)
        if not held:
            return []
        entry_of = self._entries_of(holder, at, kind)
        known = self._fields_of(holder, kind, fields)
        rest = MEMBER if kind & SET else UNNAMED
        return [
            self._name_of(holder, child, entry_of, known, rest, spaces=bool(kind & HAS_DICT))
            for child, _ in held
        ]

    def _name_of(
        self,
        holder: object,
        child: object,
        entry_of: Callable[[object], int | None],
        known: list[tuple[object, Callable[[], int]]],
        rest: int,
        *,
        spaces: bool,
    ) -> int:
        if child is type(holder):
            return CLASS
        if (entry := entry_of(child)) is not None:
            return entry
        for value, name in known:
            if value is child:
                return name()
        return NAMESPACE if spaces and type(child) is dict and rest == UNNAMED else rest

    def _entries_of(self, holder: Any, at: int, kind: int) -> Callable[[object], int | None]:
        """Gives the name of the next entry of a container that is some object."""
        if kind & DICT:
            attribute = at in self._namespaces
            return _Places(
                entries(holder), lambda key: self._name_by_key(key, attribute=attribute)
            ).of_entry
        if kind & SEQUENCE:
            base = list if inherits(type(holder), list) else tuple
            return _Items(list(base.__iter__(holder))).of_item
        return lambda _: None

    def _fields_of(
        self, holder: object, kind: int, fields: Any
    ) -> list[tuple[object, Callable[[], int]]]:
        """What an instance has in attributes and slots, with the names."""
        found: list[tuple[object, Callable[[], int]]] = []
        if kind & HAS_DICT:
            for key, value in entries(instance_namespace(holder)):
                found.append((value, partial(self._name_by_key, key, attribute=True)))
        slots = [(read(descriptor, holder), partial(int, name)) for descriptor, name in fields]
        return [*found, *slots]

    def _name_by_key(self, key: Any, *, attribute: bool) -> int:
        if not attribute and self._any_key:
            return self._any_key
        if not attribute and type(key) is int and 0 <= key < MOST_PLAIN:
            return INDEX | key
        return self._key_name(key, attribute)


class _Places:
    """The entries of a dict in the order in which they are shown; each has a name of its own."""

    def __init__(self, pairs: list[tuple[Any, Any]], name_of: Callable[[Any], int]) -> None:
        self._pairs = pairs
        self._name_of = name_of
        self._at = 0
        self._left: list[object] = []

    def of_entry(self, child: object) -> int | None:
        """The name of the next entry that has an object for its value, or its key."""
        left, self._left = self._left, []
        if left and left[0] is child:
            return KEY
        for start, end in ((self._at, len(self._pairs)), (0, len(self._pairs))):
            for at in range(start, end):
                key, value = self._pairs[at]
                if value is child or key is child:
                    self._at = at + 1
                    self._left = [key] if value is child else []
                    return self._name_of(key) if value is child else KEY
        self._at = 0
        return None


class _Items:
    """The items of a list or tuple, which are shown from the last to the first."""

    def __init__(self, items: list[object]) -> None:
        self._items = items
        self._at = len(items)

    def of_item(self, child: object) -> int | None:
        """The index of the next item that is some object."""
        for _ in self._items:
            self._at = (self._at or len(self._items)) - 1
            if self._items[self._at] is child:
                return INDEX | self._at
        return None


def of_function(holder: object, child: object) -> int:
    """The field of a function that holds something."""
    for field, number in OF_FUNCTION:
        if own_field(holder, field) is child:
            return number
    return NAMESPACE if instance_namespace(holder) is child else ANNOTATIONS


def length_of(holder: Any, kind: int) -> int:
    """Number of entries of a builtin container."""
    for bit, bases in ((DICT, (dict,)), (SEQUENCE, (list, tuple)), (SET, (set, frozenset))):
        for base in bases:
            if kind & bit and inherits(type(holder), base):
                return int(base.__len__(holder))
    return LARGEST
