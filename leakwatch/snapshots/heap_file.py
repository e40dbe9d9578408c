"""The heap in a file: its columns checked against each other, and given as objects and references.

Nothing is trusted: each number that leads somewhere is within bounds before anything is asked.
"""

import json
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from leakwatch.errors import quoted
from leakwatch.heap.edges import INDEX, NO_LENGTH
from leakwatch.model.root_kinds import Wave
from leakwatch.paths.names.containers import ANY_KEY
from leakwatch.paths.names.name import Named
from leakwatch.snapshots.bounds import any_between, largest, rises
from leakwatch.snapshots.facts import USUAL, VERDICTS
from leakwatch.snapshots.layout import Broken, Mapped, refused
from leakwatch.snapshots.naming import MOST_HOPS
from leakwatch.stages import Stage, begins

Numbers = Sequence[int]


@dataclass(frozen=True, slots=True)
class TypeInFile:
    """A type.

    Attributes:
        module: of it.
        name: its qualified name.
        bases: their numbers.
        heap: whether it was made at run time.
        object: the number of the object that it is, or -1.
    """

    module: str
    name: str
    bases: tuple[int, ...]
    heap: bool
    object: int

    @property
    def full_name(self) -> str:
        """`module.qualname`, also for builtins."""
        return f"{self.module or 'builtins'}.{self.name}"


@dataclass(frozen=True, slots=True)
class RootInFile:
    """A root, as `leakwatch.heap.roots.root.HeapRoot`, with numbers for objects; -1 for none."""

    kind: str
    label: str
    wave: int
    target: int = -1
    name: str = ""
    holder: str = ""
    barrier: bool = False
    alias: int = -1
    identity: str = ""
    owner: int = -1
    in_use: bool = False
    state: str = ""
    home: str = ""
    located: bool = True
    namespace: bool = False
    late: bool = False


@dataclass(frozen=True, slots=True)
class Facts:
    """What the tables of a file say.

    Attributes:
        types: by number.
        roots: in search order.
        distributions: by module.
        homes: the module that defines a global and its name there, by the object.
    """

    types: list[TypeInFile]
    roots: list[RootInFile]
    distributions: dict[str, str]
    homes: dict[int, tuple[str, str]] = field(default_factory=dict)


class HeapFile:
    """A checked file.

    Attributes:
        path: of it.
        size: its bytes.
        metadata: what is known of the whole.
        facts: its tables.
        types, sizes, atoms, lengths: of objects, by number.
        offsets: the first reference of each object; one more than there are objects.
        targets, names: of references, by number.
        hidden_holders, hidden_targets: of references that the collector does not show.
        reached: how many objects a root leads to; they come first.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        """Read and check.

        Raises:
            SnapshotError: the file cannot be read, or is no whole snapshot.
        """
        begins(Stage.READ)
        mapped = Mapped(path)
        self.path, self.size, self.metadata = os.fspath(path), mapped.size, mapped.metadata
        self._columns = columns = mapped.columns
        self.types, self.sizes = columns["objects.type"], columns["objects.size"]
        self.atoms, self.lengths = columns["objects.atoms"], columns["objects.length"]
        self.offsets, self.targets = columns["edges.offset"], columns["edges.target"]
        self.names = columns["edges.name"]
        self.hidden_holders = columns["hidden.holder"]
        self.hidden_targets = columns["hidden.target"]
        self._texts: dict[int, str] = {}
        try:
            check_columns(columns)
            self.facts = facts_of(columns)
            self.reached = whole_number(self.metadata.get("reached", ""), len(self.types))
        except Broken as reason:
            raise refused(path, str(reason)) from None

    def __len__(self) -> int:
        return len(self.types)

    def type_of(self, number: int) -> TypeInFile:
        """The type of an object."""
        return self.facts.types[self.types[number]]

    def references(self, number: int) -> range:
        """The numbers of the references that an object has."""
        return range(self.offsets[number], self.offsets[number + 1])

    def text(self, name: int) -> str:
        """A text by its number."""
        found = self._texts.get(name)
        if found is None:
            first, last = self._columns["names.offset"][name : name + 2]
            raw = bytes(self._columns["names.text"][first:last])
            found = self._texts[name] = raw.decode("utf-8", "replace")
        return found

    def named(self, name: int, hops: int = 1) -> Named:
        """A name of a reference by its number."""
        if name >= INDEX:
            return Named(f"[{name - INDEX}]", ANY_KEY, hops)
        general = self._columns["names.general"][name]
        return Named(self.text(name), "" if general == name else self.text(general), hops)

    @cached_property
    def hidden(self) -> list[tuple[int, int, int]]:
        """Target, holder and name of the references that the collector does not show, in order."""
        columns = (self._columns[f"hidden.{it}"] for it in ("target", "holder", "name"))
        return [*zip(*columns, strict=True)]

    @cached_property
    def hidden_by_holder(self) -> dict[int, list[int]]:
        """The targets of the references that the collector does not show, by holder."""
        found: dict[int, list[int]] = {}
        for target, holder, _ in self.hidden:
            found.setdefault(holder, []).append(target)
        return found

    @cached_property
    def class_objects(self) -> dict[int, int]:
        """The numbers of types by the object that each is."""
        return {row.object: number for number, row in enumerate(self.facts.types)}

    @cached_property
    def joint(self) -> dict[tuple[int, int], tuple[int, int]]:
        """Name and number of the objects that are written as one reference.

        By the holder and the last of the references.
        """
        holders, edges, names, hops = self._rows("joint", "holder", "edge", "name", "hops")
        return dict(
            zip(zip(holders, edges, strict=True), zip(names, hops, strict=True), strict=True)
        )

    @cached_property
    def own(self) -> dict[int, tuple[int, int, int]]:
        """The texts of module, name and place that some objects have, by number."""
        objects, *texts = self._rows("own", "object", "module", "name", "place")
        return dict(zip(objects, zip(*texts, strict=True), strict=True))

    @cached_property
    def judged(self) -> dict[int, tuple[int, int, int]]:
        """Verdict, and the texts of reason and state, of some objects by number."""
        objects, *said = self._rows("judged", "object", "verdict", "reason", "state")
        return dict(zip(objects, zip(*said, strict=True), strict=True))

    @property
    def equal(self) -> Iterator[tuple[int, int, int, int]]:
        """Type, copies, bytes and first holder of the values that are there several times."""
        return zip(*self._rows("equal", "type", "copies", "bytes", "holder"), strict=True)

    def _rows(self, table: str, *names: str) -> list[Any]:
        return [self._columns[f"{table}.{name}"] for name in names]


# -- checks -----------------------------------------------------------------------------------


def check_columns(columns: dict[str, memoryview]) -> None:
    """Refuse columns of unequal length, and numbers that lead nowhere."""
    objects, edges = len(columns["objects.type"]), len(columns["edges.target"])
    texts = len(columns["names.general"])
    for group, length in lengths(columns, objects, edges, texts):
        for name in group:
            if len(columns[name]) != length:
                raise Broken(f"column {name} has {len(columns[name]):,} rows, expected {length:,}")
    check_rising(columns, "edges.offset", edges)
    check_rising(columns, "names.offset", len(columns["names.text"]))
    for names, bound in bounds(objects, edges, texts):
        for name in names:
            if len(columns[name]) and largest(columns[name]) >= bound:
                raise Broken(f"column {name} leads out of the file")
    if any_between(columns["edges.name"], texts, INDEX):
        raise Broken("column edges.name leads out of the file")


def lengths(
    columns: dict[str, memoryview], objects: int, edges: int, texts: int
) -> Iterator[tuple[tuple[str, ...], int]]:
    """Columns with the number of rows that they must have."""
    yield ("objects.size", "objects.atoms", "objects.length"), objects
    yield ("edges.offset",), objects + 1
    yield ("edges.name",), edges
    yield ("names.offset",), texts + 1
    for first, others in TABLES.items():
        yield others, len(columns[first])


TABLES = {
    "hidden.holder": ("hidden.target", "hidden.name"),
    "joint.holder": ("joint.edge", "joint.name", "joint.hops"),
    "own.object": ("own.module", "own.name", "own.place"),
    "equal.type": ("equal.copies", "equal.bytes", "equal.holder"),
    "judged.object": ("judged.verdict", "judged.reason", "judged.state"),
}


def bounds(objects: int, edges: int, texts: int) -> Iterator[tuple[tuple[str, ...], int]]:
    """Columns with the number that all of theirs must be below."""
    yield ("edges.target", "hidden.holder", "hidden.target", "joint.holder"), objects
    yield ("own.object", "judged.object", "equal.holder"), objects
    yield ("joint.edge",), edges
    yield ("hidden.name", "joint.name", "own.module", "own.name", "own.place"), texts
    yield ("judged.reason", "judged.state", "names.general"), texts
    yield ("joint.hops",), MOST_HOPS + 1
    yield ("judged.verdict",), len(VERDICTS)


def check_rising(columns: dict[str, memoryview], name: str, end: int) -> None:
    """Refuse offsets that do not rise from 0 to the end."""
    found = columns[name]
    if found[0] or found[-1] != end or not rises(found):
        raise Broken(f"column {name} does not rise to {end:,}")


def whole_number(text: str, most: int) -> int:
    """A number of the metadata."""
    if not (text.isascii() and text.isdigit() and len(text) < 16 and int(text) <= most):
        raise Broken(f"{quoted(text)} is no number of objects")
    return int(text)


# -- tables -----------------------------------------------------------------------------------


def facts_of(columns: dict[str, memoryview]) -> Facts:
    """The tables of a file, checked."""
    objects = len(columns["objects.type"])
    found, rows = table(columns, "types", "types"), table(columns, "roots", "roots")
    kinds = found["types"]
    for column in ("objects.type", "equal.type"):
        if len(columns[column]) and largest(columns[column]) >= len(kinds):
            raise Broken(f"column {column} has a number that is of no type")
    types = [type_in_file(row, len(kinds), objects) for row in kinds]
    texts, homes = found.get("distributions", {}), rows.get("homes", {})
    if not is_table(texts, is_text) or not is_table(homes, is_home):
        raise Broken("a table has an odd row")
    return Facts(
        types,
        [root_in_file(row, objects) for row in rows["roots"]],
        texts,
        {whole_number(key, objects): tuple(home) for key, home in homes.items()},
    )


def is_text(value: object) -> bool:
    """Whether a value of JSON is a string."""
    return type(value) is str


def is_home(value: Any) -> bool:
    """Whether a value of JSON is a pair of strings."""
    return type(value) is list and [*map(type, value)] == [str, str]


def is_table(found: Any, fits: Callable[[Any], bool]) -> bool:
    """Whether something is an object of JSON with such values."""
    return type(found) is dict and all(map(fits, found.values()))


def table(columns: dict[str, memoryview], column: str, rows: str) -> dict[str, Any]:
    """A table that stands in a column as JSON."""
    try:
        found = json.loads(bytes(columns[column]))
    except (ValueError, RecursionError):
        raise Broken(f"table {column} is not JSON") from None
    if type(found) is not dict or type(found.get(rows)) is not list:
        raise Broken(f"table {column} has no rows")
    return found


def is_number(value: object, bound: int, least: int = 0) -> bool:
    """Whether a value of JSON is a number within bounds."""
    return type(value) is int and least <= value < bound


def type_in_file(row: Any, types: int, objects: int) -> TypeInFile:
    """A row of the table of types."""
    if type(row) is not dict:
        raise Broken("a type is no object")
    module, name, bases = row.get("module"), row.get("name"), row.get("bases")
    heap, number = row.get("heap"), row.get("object")
    texts = is_text(module) and is_text(name) and type(heap) is bool
    lists = type(bases) is list and all(is_number(base, types) for base in bases)
    if not (texts and lists and is_number(number, objects, -1)):
        raise Broken("a type has an odd row")
    return TypeInFile(module, name, tuple(bases), heap, number)  # type: ignore[arg-type]


TEXTS = ("kind", "label", "name", "holder", "identity", "state", "home")
FLAGS = ("barrier", "in_use", "located", "namespace", "late")
OBJECTS = ("target", "alias", "owner")


def root_in_file(row: Any, objects: int) -> RootInFile:
    """A row of the table of roots."""
    if type(row) is not dict:
        raise Broken("a root is no object")
    whole = {**USUAL, **row}
    if whole.keys() != {*TEXTS, *FLAGS, *OBJECTS, "wave"}:
        raise Broken("a root has a field too many or lacks one")
    fits = (
        all(is_text(whole[name]) for name in TEXTS)
        and all(type(whole[name]) is bool for name in FLAGS)
        and all(is_number(whole[name], objects, -1) for name in OBJECTS)
        and is_number(whole["wave"], len(Wave))
    )
    if not fits:
        raise Broken("a root has an odd row")
    return RootInFile(**whole)


def total(numbers: Iterable[int]) -> int:
    """The sum of lengths that are known."""
    return sum(number for number in numbers if number != NO_LENGTH)
