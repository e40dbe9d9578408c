"""Containers in which a hunt notes what it sees: of leakwatch's own types, so that none is counted.

An exact dict, list or array that is made or filled while a window is open looks newborn, and one
that gets an entry with each run looks like a leak.
"""

from array import array
from typing import TypeVar

T = TypeVar("T")


class Notes(dict[int, T]):
    """Something by the ids of objects."""

    __slots__ = ()


class Ids(set[int]):
    """Ids of objects."""

    __slots__ = ()


class Column(array):  # type: ignore[type-arg]  # not generic before CPython 3.12
    """Numbers of one kind."""

    __slots__ = ()
