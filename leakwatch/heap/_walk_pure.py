"""The forward walk in pure Python: the definition of correct.

Breadth first from the roots, with a link from each object to the one it was first reached
from, so that following the links back gives a shortest path. `gc.get_referents` runs no
user code and, unlike `gc.get_referrers`, needs no index and sees frozen objects.
"""

from array import array
from collections.abc import Iterable, Sequence

from leakwatch.heap.atoms import ATOMS
from leakwatch.heap.limits import Limits
from leakwatch.interpreter import get_referents

IMPLEMENTATION = "pure"


class HeapGraph:
    """Objects reached so far, by position; holds them strongly until `close`.

    A parent that is negative stands for the root with index `-1 - parent`.
    """

    __slots__ = ("_limits", "_objects", "_parents", "_positions", "partial")

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._objects: list[object] = []
        self._parents = array("q")
        self._positions: dict[int, int] = {}
        self.partial: str | None = None

    def __len__(self) -> int:
        return len(self._objects)

    def add(self, found: object, parent: int) -> int:
        """Put an object at the next position and return that position."""
        position = len(self._objects)
        self._positions[id(found)] = position
        self._objects.append(found)
        self._parents.append(parent)
        return position

    def position_of(self, wanted: object) -> int | None:
        """Position of an object, or None where no root reaches it."""
        return self._positions.get(id(wanted))

    def object_at(self, position: int) -> object:
        """The object at a position."""
        return self._objects[position]

    def parent_of(self, position: int) -> int:
        """Position of the holder, or `-1 - index` of the root."""
        return self._parents[position]

    def expand(self, queue: list[int], leaves: frozenset[int]) -> None:
        """Visit everything reachable from the queued positions; leaves are not entered.

        Args:
            queue: positions to start from; it grows while the walk goes on.
            leaves: ids of objects that are recorded when reached, and not walked through.
        """
        objects, parents, positions = self._objects, self._parents, self._positions
        budget = self._limits.countdown()
        for position in queue:
            if budget.spent(len(objects)):
                self.partial = budget.reason
                return
            for child in get_referents(objects[position]):
                if id(type(child)) in ATOMS:
                    continue
                key = id(child)
                if key in positions:
                    continue
                found = positions[key] = len(objects)
                objects.append(child)
                parents.append(position)
                if key not in leaves:
                    queue.append(found)

    def close(self) -> None:
        """Let go of every object."""
        self._objects.clear()
        self._positions.clear()


HIDDEN = -(1 << 62)
"""Parent of what no walk may enter: it counts as reached, and no path leads there."""


def walk(  # noqa: PLR0917 - flat arrays, as a walk in C takes them
    targets: Sequence[object],
    waves: Sequence[int],
    barriers: Sequence[bool],
    hidden: Iterable[object],
    leaves: frozenset[int],
    limits: Limits,
) -> HeapGraph:
    """Walk forward from the roots, wave after wave.

    Args:
        targets: the object each root holds, in search order.
        waves: the wave of each root, never falling.
        barriers: whether each target may be entered only as a root.
        hidden: objects that are neither entered nor reported, such as our own modules.
        leaves: ids of the survivors; phase one does not walk through them, so that no path
            to one survivor leads through another.
        limits: how much may be visited.

    Returns:
        The graph of what was reached; the caller must `close` it.
    """
    graph = HeapGraph(limits)
    for found in hidden:
        graph.add(found, HIDDEN)
    for index, (target, barrier) in enumerate(zip(targets, barriers, strict=True)):
        if barrier and graph.position_of(target) is None:
            graph.add(target, root_parent(index))
    queue: list[int] = []
    for index, target in enumerate(targets):
        start = start_of(graph, index, target)
        if start is not None and id(target) not in leaves:
            queue.append(start)
        if index + 1 == len(targets) or waves[index + 1] != waves[index]:
            graph.expand(queue, leaves)
            queue = []
    return graph


def root_parent(index: int) -> int:
    """The parent link that stands for a root."""
    return -1 - index


def start_of(graph: HeapGraph, index: int, target: object) -> int | None:
    """Where to start from a root, or None if its target was reached another way."""
    known = graph.position_of(target)
    if known is None:
        return graph.add(target, root_parent(index))
    return known if graph.parent_of(known) == root_parent(index) else None
