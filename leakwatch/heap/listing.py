"""The objects that the collector lists: in a list, or read in place without a reference to any.

`gc.get_objects` counts a reference to every object. In a forked child that copies nearly every
page of the heap, and near a limit of memory the look is then what ends the program. A child
therefore borrows: it goes round the collector's own rings, and its graph holds no references.

That is safe in a child only. One thread runs there, the collector is off, and nothing that the
program holds is let go of; what dies are things of our own. A graph knows them by an address only,
gives no object in their place, and the memory of small objects stays readable to the end. So what
is kept between judgements is not to let go of objects while one reads a graph: `Names`.
"""

import sys
from collections import deque
from contextlib import suppress
from importlib import import_module

from leakwatch.guest.collector import gc_thresholds, get_objects
from leakwatch.heap.graph import (
    IMPLEMENTATION,
    WHY_PURE,
    addresses,
    census,
    lengths,
    of_kinds,
    of_types,
    untracked_containers,
)
from leakwatch.interpreter import getpid

_native = import_module("leakwatch.heap._walk_native") if IMPLEMENTATION == "native" else None
ALL = sys.maxsize
MOST_REFERRED_TO = 20_000
"""Objects that a borrower refers to: it copies a page of 4 KiB for each of them at the most."""
_borrowers: set[int] = set()
"""Processes that touch nothing of the heap."""


def why_not_seen() -> str:
    """Why the collector's own lists cannot be read in place; empty if they can."""
    if _native is None:
        return WHY_PURE
    try:
        _native.Listing(gc_thresholds())
    except RuntimeError as error:
        return str(error)
    return ""


def borrow() -> None:
    """Make this process leave the heap untouched from now on, if it can; only for a short child."""
    if _native is not None and not why_not_seen():
        _native.keep_arenas()
        _borrowers.add(getpid())


def borrows() -> bool:
    """Whether this process touches nothing of the heap."""
    return getpid() in _borrowers


def listed() -> list[object]:
    """The objects that the collector lists, in their order.

    A list, or a view that the functions of `leakwatch.heap.graph` take for one. What becomes known
    to the collector later is not among them.
    """
    return _at_once() if borrows() else get_objects()


def most_listed() -> int:
    """How many of what the collector lists may be listed, and one more; see `if_few`."""
    return MOST_REFERRED_TO + 1 if borrows() else ALL


def if_few(chosen: list[object], objects: list[object]) -> list[object]:
    """What was chosen of some objects, or all of them where a list of it would copy the heap.

    It spares those who ask next a pass over all. They must ask each object what it is all the same.

    Args:
        chosen: no more than `most_listed` of them.
        objects: what it was chosen from.
    """
    return chosen if not borrows() or len(chosen) <= MOST_REFERRED_TO else objects


def listed_of(types: frozenset[int]) -> list[object]:
    """Those of the collector's objects whose exact type has one of these ids."""
    return of_types(_at_once(), types)


def listed_types() -> list[type]:
    """The exact types of the collector's objects."""
    return [cls for cls, _ in listed_census()]


def listed_census() -> list[tuple[type, int]]:
    """The exact types of the collector's objects, each with their number."""
    return census(_at_once())


def listed_addresses(before: bytes | None = None, expected: int = 0) -> bytes:
    """Where the collector's objects are, in order; only the new ones, if some were noted before.

    For as many as are expected there is room before the program stops for them to be read.
    """
    return addresses(_at_once(), before, expected)


def listed_lengths(before: bytes | None = None, expected: int = 0) -> bytes:
    """Where the collector's containers are and how long; only what grew since it was noted."""
    return lengths(_at_once(), deque, before, expected)


def listed_containers(places: frozenset[int], types: frozenset[int]) -> list[object]:
    """Containers that are known by their addresses, of types that are known by their ids.

    A dict that the collector does not know is found through what refers to it.
    """
    found: list[object] = []
    for cls in types:
        found += of_kinds(_at_once(), dict.fromkeys(places, cls))
    if len(found) < len(places):
        found += of_kinds(untracked_containers(_at_once()), dict.fromkeys(places, id(dict)))
    return found


def _at_once() -> list[object]:
    """The collector's objects, for one function in which no Python code runs and changes them."""
    if _native is not None:
        with suppress(RuntimeError):  # as `why_not_seen` tells
            objects: list[object] = _native.Listing(gc_thresholds())
            return objects
    return get_objects()
