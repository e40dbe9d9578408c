"""Which causes hold most objects of the program and its libraries, without a name to ask for."""

from leakwatch.heap.provenance import is_own_module, is_standard_module
from leakwatch.report import Report
from leakwatch.snapshots.asking import held, report_of
from leakwatch.snapshots.heap_file import HeapFile, TypeInFile

TITLE = "what there is most of"
LEAST = 10
"""Objects of a type below which nobody speaks of many."""
MOST_TYPES = 50
MOST_WAYS = 300


def suspected(file: HeapFile) -> Report:
    """What holds the objects of those types of which there are many.

    A heap of one moment cannot tell a leak from a cache: these are the causes worth a look.
    Asked about are instances of classes that are neither the interpreter's nor of the standard
    library: of up to 50 types, those that take most first.

    Returns:
        a report as `leakwatch.why` gives it.
    """
    counts, sizes = [0] * len(file.facts.types), [0] * len(file.facts.types)
    for kind, size, atoms in zip(file.types, file.sizes, file.atoms, strict=True):
        counts[kind] += 1
        sizes[kind] += size + atoms
    wanted = [
        kind
        for kind, row in enumerate(file.facts.types)
        if counts[kind] >= LEAST and is_of_a_package(row) and not is_metaclass(file, kind)
    ]
    wanted.sort(key=lambda kind: (-sizes[kind], kind))
    chosen = frozenset(wanted[:MOST_TYPES])
    return held(file, TITLE, chosen, MOST_WAYS) if chosen else report_of(file, TITLE)


def is_of_a_package(row: TypeInFile) -> bool:
    """Whether a class is of the program or of a library."""
    package = row.module.partition(".")[0]
    if package == "__main__":
        return True
    known = package in {"", "builtins"} or is_standard_module(package) or is_own_module(package)
    return row.heap and not known


def is_metaclass(file: HeapFile, kind: int) -> bool:
    """Whether instances of a type are classes: they are there for good."""
    seen, waiting = {kind}, [kind]
    for number in waiting:
        row = file.facts.types[number]
        if row.full_name == "builtins.type":
            return True
        waiting += [base for base in row.bases if base not in seen]
        seen.update(row.bases)
    return False
