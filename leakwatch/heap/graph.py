"""The walk, over one of two graphs of the heap: in C or in Python, chosen once, here.

The native one is left out by `LEAKWATCH_PURE=1`, by a free-threaded build, and where no
compiler was at hand when leakwatch was installed. Both see the same.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterable, Sequence
from importlib import import_module
from itertools import groupby
from typing import TYPE_CHECKING

from leakwatch.guest.native_parts import native_part
from leakwatch.heap.limits import Limits
from leakwatch.heap.objects import ATOMS
from leakwatch.heap.roots.root import HeapRoot
from leakwatch.model.root_kinds import Wave

_native, WHY_PURE = native_part("leakwatch.heap._walk_native")
_implementation = _native or import_module("leakwatch.heap._walk_pure")
IMPLEMENTATION = "pure" if WHY_PURE else "native"

if TYPE_CHECKING:
    from leakwatch.heap._walk_pure import (
        HeapGraph,
        addresses,
        census,
        lengths,
        of_kinds,
        of_other_types,
        of_types,
        untracked_containers,
    )
else:
    HeapGraph = _implementation.HeapGraph
    addresses = _implementation.addresses
    census = _implementation.census
    lengths = _implementation.lengths
    of_kinds = _implementation.of_kinds
    of_other_types = _implementation.of_other_types
    of_types = _implementation.of_types
    untracked_containers = _implementation.untracked_containers

__all__ = [
    "IMPLEMENTATION",
    "WHY_PURE",
    "HeapGraph",
    "addresses",
    "census",
    "lengths",
    "of_kinds",
    "of_other_types",
    "of_types",
    "untracked_containers",
    "walk",
]

HIDDEN = -(1 << 31)
"""Parent of what no walk may enter: it counts as reached, and no path leads there."""


def walk(
    roots: Sequence[HeapRoot],
    hidden: Iterable[object],
    leaves: list[object],
    limits: Limits,
    interlude: Callable[[HeapGraph], None],
    *,
    expected: int = 0,
    borrows: bool = False,
    notes: bool = False,
) -> HeapGraph:
    """Walk forward from the roots, breadth first, wave after wave.

    Args:
        roots: in search order, wave by wave.
        hidden: objects that are neither entered nor reported, such as our own lists.
        leaves: the survivors; they are not walked through, so that no path to one survivor
            leads through another.
        limits: how much may be visited.
        interlude: called once, before the roots of the caller are walked.
        expected: about how many objects there are.
        borrows: hold no references to what is reached, see `leakwatch.heap.listing`.
        notes: note what refers to what, see `leakwatch.heap.edges`.

    Returns:
        The graph of what was reached; the caller must `close` it.
    """
    budget = limits.objects, limits.seconds
    graph = HeapGraph(leaves, ATOMS, *budget, expected, borrows=borrows, notes=notes)
    for found in hidden:
        graph.add(found, HIDDEN)
    # A copy: the interlude finds further roots.
    numbered = [(root_parent(index), root) for index, root in enumerate(roots)]
    for parent, root in numbered:
        if root.barrier:
            graph.add(root.target, parent)
    own = frozenset(map(id, leaves))
    first_late = bisect_left(numbered, Wave.IN_USE, key=lambda pair: pair[1].wave)
    walk_waves(graph, numbered[:first_late], own)
    interlude(graph)
    walk_waves(graph, numbered[first_late:], own)
    return graph


def walk_waves(
    graph: HeapGraph, numbered: Iterable[tuple[int, HeapRoot]], own: frozenset[int]
) -> None:
    """Walk from some roots, given with their parent links, wave by wave; leaves are not entered."""
    for _, wave in groupby(numbered, lambda pair: pair[1].wave):
        starts = []
        for parent, root in wave:
            position = graph.add(root.target, parent)
            # Otherwise the target was reached before, another way.
            is_first = graph.parent_of(position) == parent
            if is_first and id(root.target) not in own:
                starts.append(position)
        graph.expand(starts, into_leaves=False)


def root_parent(index: int) -> int:
    """The parent link that stands for a root."""
    return -1 - index
