"""A heap as three tables, types, nodes and edges, for tools that read columns."""

from array import array
from itertools import chain, repeat

from leakwatch.heap.edges import INDEX, NO_LENGTH
from leakwatch.reports.heap_format import HeapColumn, HeapTables
from leakwatch.snapshots.asking import Question
from leakwatch.snapshots.heap_file import HeapFile
from leakwatch.snapshots.owners import Owners
from leakwatch.snapshots.retained import Dominated
from leakwatch.snapshots.roots import label_of

NONE = (1 << 32) - 1
"""In the place of a number: there is none."""


def tables_of(file: HeapFile, found: Dominated) -> HeapTables:
    """The tables of a heap."""
    return HeapTables(types(file), nodes(file, found), Edges(file).columns(), dict(file.metadata))


def types(file: HeapFile) -> dict[str, HeapColumn]:
    """A row for each type."""
    rows = file.facts.types
    return {
        "type": HeapColumn(array("I", range(len(rows)))),
        "name": text_column([it.full_name for it in rows]),
        "module": text_column([it.module for it in rows]),
        "distribution": text_column([file.facts.distributions.get(it.module, "") for it in rows]),
    }


def nodes(file: HeapFile, found: Dominated) -> dict[str, HeapColumn]:
    """A row for each object."""
    above = found.dominators
    owners = Owners(file, above)
    sizes = map(int.__add__, file.sizes, file.atoms)
    return {
        "node": HeapColumn(array("I", range(len(file)))),
        "type": HeapColumn(file.types),
        "name": own_names(file),
        "size": HeapColumn(array("Q", sizes)),
        "retained": HeapColumn(found.sizes),
        "length": HeapColumn(file.lengths, missing=NO_LENGTH),
        "dominator": HeapColumn(array("I", (it & NONE for it in above)), missing=NONE),
        "owner": text_column([*map(owners.of, range(len(file)))]),
    }


def own_names(file: HeapFile) -> HeapColumn:
    """The names that functions, classes and modules give themselves."""
    values, texts = array("I", [NONE]) * len(file), dict[str, int]()
    for number, own in file.own.items():
        if name := ".".join(filter(None, map(file.text, own[:2]))):
            values[number] = texts.setdefault(name, len(texts))
    return HeapColumn(values, [*texts], NONE)


def text_column(found: list[str]) -> HeapColumn:
    """A column of texts."""
    places: dict[str, int] = {}
    values = array("I", (places.setdefault(text, len(places)) for text in found))
    return HeapColumn(values, [*places])


class Edges:
    """A row for each reference: those of roots, those that are shown, those that are not.

    Args:
        file: the heap.
    """

    def __init__(self, file: HeapFile) -> None:
        self._file = file
        self._texts: dict[str, int] = {}

    def columns(self) -> dict[str, HeapColumn]:
        """The table."""
        file = self._file
        roots = [root for root in file.facts.roots if root.target >= 0]
        hidden = file.hidden
        counts = map(len, map(file.references, range(len(file))))
        held_by = chain.from_iterable(map(repeat, range(len(file)), counts))
        source = array("I", [NONE]) * len(roots)
        source.extend(held_by)
        source.extend(holder for _, holder, _ in hidden)
        target = array("I", (root.target for root in roots))
        target.extend(file.targets)
        target.extend(held for held, _, _ in hidden)
        name = array("I", (self._place(label_of(root)) for root in roots))
        self._add_names(name)
        name.extend(self._place(file.named(it).name) for _, _, it in hidden)
        return {
            "source": HeapColumn(source, missing=NONE),
            "target": HeapColumn(target),
            "name": HeapColumn(name, [*self._texts]),
        }

    def _place(self, text: str) -> int:
        return self._texts.setdefault(text, len(self._texts))

    def _add_names(self, names: "array[int]") -> None:
        """The names of references; what a name is depends on what sort of dict has it."""
        file = self._file
        question = Question(file, bytearray(len(file)))
        question.reach()
        known: dict[tuple[bool, int], int] = {}
        for holder in range(len(file)):
            is_entry = question.has_entries(holder)
            for edge in file.references(holder):
                key = is_entry, file.names[edge]
                place = known.get(key)
                if place is None:
                    place = self._place(question.reference(holder, edge).name)
                    if key[1] < INDEX:
                        known[key] = place
                names.append(place)
        question.close()
