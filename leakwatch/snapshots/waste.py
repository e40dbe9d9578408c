"""Memory that could be won without keeping less: by type of waste, and by who keeps it."""

from array import array
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from leakwatch.heap.edges import INDEX, NO_LENGTH, Name
from leakwatch.snapshots.heap_file import HeapFile
from leakwatch.snapshots.walking import NO_EDGE


class Waste(StrEnum):
    """What memory is spent on."""

    EQUAL = "equal values"
    EMPTY = "empty containers"
    SPARSE = "sparse dicts"
    SLOTS = "instances with a dict"


@dataclass(frozen=True, slots=True)
class Wasted:
    """What one sort of waste costs in one place.

    Attributes:
        waste: the sort.
        type_name: of the values or containers; of instances the class.
        held_by: the type that refers to them, with the name of the reference where it has one.
        bytes: to be won.
        count: of values beside the first of each, of containers or of instances.
    """

    waste: Waste
    type_name: str
    held_by: str
    bytes: int
    count: int


Found = Iterator[tuple[Waste, str, str, int, int]]
CONTAINERS = frozenset({"builtins.dict", "builtins.list", "builtins.set"})
"""Those that can be made when the first item comes."""
SLOT = 8
"""Bytes of a slot."""


def wasted(file: HeapFile) -> tuple[Wasted, ...]:
    """All waste of a file, put together by sort, type and holder, most bytes first."""
    totals: dict[tuple[Waste, str, str], list[int]] = {}
    dicts = Containers(file)
    for waste, name, holder, size, count in (*equal_values(file), *dicts.waste()):
        total = totals.setdefault((waste, name, holder), [0, 0])
        total[0] += size
        total[1] += count
    rows = [Wasted(*key, size, count) for key, (size, count) in totals.items() if size > 0]
    return tuple(sorted(rows, key=lambda it: (-it.bytes, it.waste, it.type_name, it.held_by)))


def equal_values(file: HeapFile) -> Found:
    """Yield the strings and bytes that are there several times."""
    for kind, copies, size, holder in file.equal:
        held_by = file.type_of(holder).full_name
        more = copies - 1
        yield Waste.EQUAL, file.facts.types[kind].full_name, held_by, more * size, more


class Containers:
    """The dicts, lists and sets of a file, each with who refers to it first.

    Args:
        file: the heap.
    """

    __slots__ = ("_edges", "_file", "_holders")

    def __init__(self, file: HeapFile) -> None:
        self._file = file
        wanted = [it.full_name in CONTAINERS for it in file.facts.types]
        chosen = bytearray(wanted[kind] for kind in file.types)
        self._edges = array("I", [NO_EDGE]) * len(file)
        self._holders = array("I", [0]) * len(file)
        for holder in range(len(file)):
            for edge in file.references(holder):
                target = file.targets[edge]
                if chosen[target]:
                    chosen[target] = 0
                    self._edges[target], self._holders[target] = edge, holder

    def waste(self) -> Found:
        """Yield what is empty, sparse, or the dict of an instance."""
        file, names = self._file, [it.full_name for it in self._file.facts.types]
        for number, kind in enumerate(file.types):
            edge = self._edges[number]
            if edge == NO_EDGE or file.lengths[number] == NO_LENGTH:
                continue
            size, length = file.sizes[number], file.lengths[number]
            if file.names[edge] == Name.NAMESPACE:
                yield from self._of_instance(number, size, length)
            elif length == 0:
                yield Waste.EMPTY, names[kind], self._place(number), size, 1
            elif names[kind] == "builtins.dict" and (more := spare(size, length)):
                yield Waste.SPARSE, names[kind], self._place(number), more, 1

    def _of_instance(self, number: int, size: int, length: int) -> Found:
        holder = self._holders[number]
        row = self._file.type_of(holder)
        # Functions, modules and classes have a dict by their nature.
        if row.heap and holder not in self._file.class_objects:
            yield Waste.SLOTS, row.full_name, "", size - SLOT * length, 1

    def _place(self, number: int) -> str:
        """The type of the holder, and the reference without keys and indexes."""
        holder = self._file.type_of(self._holders[number]).full_name
        name = self._file.names[self._edges[number]]
        part = "[*]" if name >= INDEX else self._file.named(name).signature_part
        return holder + part


# -- dicts, as CPython lays them out (Objects/dictobject.c, 3.11 to 3.15) ----------------------

HEAD = 96
"""Bytes of a dict and of the head of its table, with the collector's own."""
LOG_SIZES = range(3, 32)
ENTRIES = (24, 16)
"""Bytes of an entry: of any keys, and where all are strings."""


def usable(log_size: int) -> int:
    """The entries that a table has room for."""
    return (2 << log_size) // 3


def table(log_size: int, entry: int) -> int:
    """Bytes of a table: indexes and entries."""
    width = 1 if log_size < 8 else 2 if log_size < 16 else 4
    return (width << log_size) + usable(log_size) * entry


ENTRY_OF = {HEAD + table(log, entry): entry for entry in ENTRIES for log in LOG_SIZES}
"""Bytes of an entry by those of the dict."""


def spare(size: int, length: int) -> int:
    """Bytes that a dict with so many entries has too many; 0 where its layout is not known."""
    entry = ENTRY_OF.get(size)
    needed = next((log for log in LOG_SIZES if usable(log) >= length), None)
    if entry is None or needed is None:
        return 0
    return max(0, size - HEAD - table(needed, entry))
