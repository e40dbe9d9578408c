"""What is told of single objects of a file, and of whose they are: rows for pages and tables."""

from dataclasses import dataclass

from leakwatch.snapshots.differences import TypeCount


@dataclass(frozen=True, slots=True)
class ObjectInHeap:
    """An object.

    Attributes:
        number: of it in the file.
        type_name: `module.qualname`.
        name: the name that a function, a class or a module gives itself; empty for all else.
        bytes: of the object itself, with the values that only it holds.
        retained_bytes: what would go if it alone went, exact, by dominators.
        length: of a container, or None.
        references: how many objects it refers to.
        owner: whose it is, see `OwnerShare`.
    """

    number: int
    type_name: str
    name: str
    bytes: int
    retained_bytes: int
    length: int | None
    references: int
    owner: str


@dataclass(frozen=True, slots=True)
class Link:
    """A reference, seen from one of its ends.

    Attributes:
        name: of the reference, as Python would write it; empty where it has none.
        object: what is at the other end.
    """

    name: str
    object: ObjectInHeap


@dataclass(frozen=True, slots=True)
class Way:
    """The shortest way from a root to an object.

    Attributes:
        root: the kind of the root, in words; empty where no root leads to the object.
        label: which root of its kind.
        links: each reference with what it leads to, the object itself last; empty where the root
            holds the object itself.
        expression: all of it in one line, as Python would write it.
    """

    root: str
    label: str
    links: tuple[Link, ...]
    expression: str


@dataclass(frozen=True, slots=True)
class OwnerShare:
    """How much of a heap is of one installed distribution, or of one package of the program.

    Attributes:
        owner: its name, a distribution with its version.
        count: of its objects.
        bytes: of them.
        types: of its objects, those first that take most.
    """

    owner: str
    count: int
    bytes: int
    types: tuple[TypeCount, ...]
