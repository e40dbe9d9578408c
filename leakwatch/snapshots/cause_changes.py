"""Two files or three beside each other, cause by cause: what was born, grew and stayed.

With three it is as MemLab asks: what the work between baseline and target has added, and what of it
is still there at the end. Causes are the same if their signatures are.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from leakwatch.model import Leak
from leakwatch.snapshots.asking import held, most_bytes, own_types
from leakwatch.snapshots.differences import changes
from leakwatch.snapshots.heap_file import HeapFile

MOST_OWN, MOST_GROWN = 50, 20
"""Types that are asked for: the program's own, and others of which there are more."""
COMPARED = "compared types"


class Fate(StrEnum):
    """What became of what a cause holds."""

    BORN = "born"
    GREW = "grew"
    LATE = "late"
    STAYED = "stayed"
    SHRANK = "shrank"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class CauseChange:
    """What became of what one cause holds.

    Attributes:
        fate: the last file beside the first; `late` is what came only after the target.
        cause: the reference to cut, as Python would write it.
        type_name: the type that most of it is known by.
        signature: of the cause.
        counts: objects of that type in each file, the oldest first.
        retained_bytes: what they retain in each file.
    """

    fate: Fate
    cause: str
    type_name: str
    signature: str
    counts: tuple[int, ...]
    retained_bytes: tuple[int, ...]


def cause_changes(files: Sequence[HeapFile]) -> tuple[CauseChange, ...]:
    """The causes in some files of one program, those first that have grown most.

    Args:
        files: two or three, the oldest first.
    """
    wanted = compared_types(files)
    found = [causes_in(file, wanted) for file in files]
    names = {signature: leak for causes in found for signature, leak in causes.items()}
    rows = (
        change_of(leak, [causes.get(signature) for causes in found])
        for signature, leak in names.items()
    )
    return tuple(sorted(rows, key=order))


def order(row: CauseChange) -> tuple[int, int, str]:
    """The bad news first."""
    grown = row.retained_bytes[-1] - row.retained_bytes[0]
    return [*Fate].index(row.fate), -grown, row.signature


def compared_types(files: Sequence[HeapFile]) -> frozenset[str]:
    """The names of the types that are asked for in each file."""
    own = {name for file in files for name in largest_own(file)}
    return frozenset(own.union(grown_types(files[0], files[-1])))


def largest_own(file: HeapFile) -> Iterator[str]:
    """The names of the program's own types that take most."""
    kinds = most_bytes(file, own_types(file), MOST_OWN)
    return (file.facts.types[kind].full_name for kind in kinds)


def grown_types(older: HeapFile, newer: HeapFile) -> list[str]:
    """Classes of which there are more, whoever has made them."""
    ours = {"leakwatch", "weakrefs"}
    made = {
        it.full_name
        for it in newer.facts.types
        if it.heap and it.module.partition(".")[0] not in ours
    }
    more = [it.type_name for it in changes(older, newer) if it.more > 0]
    return [name for name in more if name in made][:MOST_GROWN]


def causes_in(file: HeapFile, wanted: frozenset[str]) -> dict[str, Leak]:
    """What holds the objects of some types, by signature."""
    kinds = {at for at, it in enumerate(file.facts.types) if it.full_name in wanted}
    report = held(file, COMPARED, kinds)
    return {it.signature: it for it in (*report.in_use, *report.known, *report.leaks)}


def change_of(leak: Leak, in_files: Sequence[Leak | None]) -> CauseChange:
    """What became of one cause."""
    counts = tuple(0 if it is None else it.count for it in in_files)
    sizes = tuple(0 if it is None else it.retained_bytes for it in in_files)
    cause, name = str(leak.cause), leak.type_name
    return CauseChange(fate_of(counts), cause, name, leak.signature, counts, sizes)


def fate_of(counts: Sequence[int]) -> Fate:
    """What the counts of a cause say, the oldest first."""
    first, *between, last = counts
    if last < first:
        return Fate.SHRANK if last else Fate.GONE
    if last == first:
        return Fate.STAYED if first else Fate.GONE
    if between and min(between) <= first:
        return Fate.LATE
    return Fate.GREW if first else Fate.BORN
