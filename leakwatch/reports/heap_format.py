"""What a format for heaps is: a name, suffixes, and what writes the tables of a heap."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated

from leakwatch.command import UNGUARDED


@dataclass(frozen=True, slots=True, eq=False)
class HeapColumn:
    """A column of a table.

    Attributes:
        values: whole numbers, as an `array.array` or a `memoryview` with the code `I` (four bytes)
            or `Q` (eight).
        texts: where the column is of texts, all that occur; the values are places in here.
        missing: the value that stands where there is none; None if it is never so.
    """

    values: Sequence[int]
    texts: Sequence[str] | None = None
    missing: int | None = None


@dataclass(frozen=True, slots=True, eq=False)
class HeapTables:
    """A heap as tables, of which large ones are not copied where they need not be.

    Attributes:
        types: `type` (its number), `name`, `module`, `distribution`.
        nodes: `node` (its number), `type`, `name` (that a function, class or module has), `size`
            and `retained` in bytes, `length` of a container, `dominator` (a node), `owner`.
        edges: `source` (a node, or none for a root), `target` (a node), `name` as Python would
            write it; of a root its kind and label.
        facts: what the file says of the process.
    """

    types: Mapping[str, HeapColumn]
    nodes: Mapping[str, HeapColumn]
    edges: Mapping[str, HeapColumn]
    facts: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class HeapFormat:
    """A format that heaps can be written in.

    Attributes:
        name: of it.
        suffixes: file name endings that mean this format, with the dot.
        write: writes a heap to a path, whole or not at all. It may raise a `LeakwatchError` for
            what the user can change.
        description: one line for people.
    """

    name: str
    suffixes: tuple[str, ...]
    write: Annotated[Callable[[HeapTables, str], None], UNGUARDED]
    description: str = ""
