"""Two files beside each other: which types have more objects, and which have fewer."""

from collections.abc import Iterator
from dataclasses import dataclass

from leakwatch.snapshots.heap_file import HeapFile


@dataclass(frozen=True, slots=True)
class TypeCount:
    """How many objects of exactly one type there are.

    Attributes:
        type_name: `module.qualname`.
        count: of them.
        bytes: of them, with the values that only they hold.
    """

    type_name: str
    count: int
    bytes: int


@dataclass(frozen=True, slots=True)
class TypeChange:
    """How the objects of a type have become more or fewer.

    Attributes:
        type_name: `module.qualname`.
        count: in the newer file.
        more: than in the older one; negative for fewer.
        bytes: more in the newer file; negative for fewer.
    """

    type_name: str
    count: int
    more: int
    bytes: int


def counted(file: HeapFile) -> dict[str, TypeCount]:
    """The types that have objects in a file, by name."""
    counts, sizes = [0] * len(file.facts.types), [0] * len(file.facts.types)
    for kind, size, atoms in zip(file.types, file.sizes, file.atoms, strict=True):
        counts[kind] += 1
        sizes[kind] += size + atoms
    found: dict[str, TypeCount] = {}
    for row, count, size in zip(file.facts.types, counts, sizes, strict=True):
        if count:
            # A class that was made twice, as by a reload, has one name.
            other = found.get(row.full_name, TypeCount("", 0, 0))
            found[row.full_name] = TypeCount(row.full_name, other.count + count, other.bytes + size)
    return found


def largest(counts: dict[str, TypeCount]) -> tuple[TypeCount, ...]:
    """The types, those first that take most."""
    return tuple(sorted(counts.values(), key=lambda it: (-it.bytes, it.type_name)))


def changes(older: HeapFile, newer: HeapFile) -> tuple[TypeChange, ...]:
    """The types whose number or size is another, those first that have grown most."""
    found = changed(counted(older), counted(newer))
    return tuple(sorted(found, key=lambda it: (-it.bytes, -it.more, it.type_name)))


def changed(old: dict[str, TypeCount], new: dict[str, TypeCount]) -> Iterator[TypeChange]:
    """The types of which one of two files has more."""
    for name in old.keys() | new.keys():
        before = old.get(name, TypeCount(name, 0, 0))
        now = new.get(name, TypeCount(name, 0, 0))
        if now != before:
            yield TypeChange(name, now.count, now.count - before.count, now.bytes - before.bytes)
