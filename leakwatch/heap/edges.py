"""A whole graph as flat arrays, in C or in Python, and the numbers that both write.

A reference has the number of its name: one of `Name`, a further one that the caller gives, or
`INDEX` and the number of an item.
"""

from collections.abc import Callable
from enum import IntEnum, IntFlag
from importlib import import_module
from typing import TYPE_CHECKING

from leakwatch.heap.graph import IMPLEMENTATION

INDEX = 1 << 31
NO_LENGTH = (1 << 32) - 1
"""Length of what is no container."""


class Name(IntEnum):
    """Names that the interpreter gives to references; `_edges_native.c` knows the numbers."""

    UNNAMED = 0
    KEY = 1
    MEMBER = 2
    CLASS = 3
    NAMESPACE = 4
    SELF = 5
    FUNCTION = 6
    CONTENTS = 7
    GLOBALS = 8
    BUILTINS = 9
    CLOSURE = 10
    DEFAULTS = 11
    KWDEFAULTS = 12
    DOC = 13
    MODULE = 14
    ANNOTATIONS = 15


TEXTS = (
    "",
    ".<key>",
    "{member}",
    ".__class__",
    ".__dict__",
    ".__self__",
    ".__func__",
    ".cell_contents",
    ".__globals__",
    ".__builtins__",
    ".__closure__",
    ".__defaults__",
    ".__kwdefaults__",
    ".__doc__",
    ".__module__",
    ".__annotations__",
)
"""The names as Python would write them, by their numbers."""


class Kind(IntFlag):
    """How instances of a type hold what they hold; the C code knows the numbers."""

    OTHER = 0
    DICT = 1
    SEQUENCE = 2
    SET = 4
    HAS_DICT = 8
    FUNCTION = 16
    METHOD = 32
    CELL = 64


Sizeof = Callable[[object], int]
Plan = tuple[int, int, bool, Sizeof, int, tuple[tuple[object, int], ...]]
"""Of a type: its number; its kind; whether the names of references are asked for one by one; the
bytes of an instance, and what comes on top of them; the descriptors of slots with their names."""
Planner = Callable[[type], Plan]
Namer = Callable[[object, list[object]], list[int]]
"""The names of the references from an object to some others."""
KeyNamer = Callable[[object, int], int]
"""The name of a dict's key, or of an attribute."""

if TYPE_CHECKING or IMPLEMENTATION == "pure":
    from leakwatch.heap._edges_pure import edges_of
else:
    edges_of = import_module("leakwatch.heap._walk_native").edges_of

__all__ = ["INDEX", "NO_LENGTH", "TEXTS", "Kind", "Name", "edges_of"]
