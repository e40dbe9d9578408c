"""Telling survivors that are held alike from those that are not, without naming anything.

The shape of a survivor is what its path looks like: which objects hold it, as long as those
are no survivors themselves, and from there on the types only, repeats folded. Survivors of
one shape have one signature, so one of thousands is named and stands for the others.
"""

from leakwatch.heap.objects import is_exactly
from leakwatch.heap.plumbing import CONTAINERS
from leakwatch.heap.references import name_reference
from leakwatch.heap.walk import HeapGraph
from leakwatch.repeats import folded

Shape = tuple[object, ...]


class Shapes:
    """Shapes by position; a holder's shape is computed once for all that it holds."""

    __slots__ = ("_born", "_graph", "_known")

    def __init__(self, graph: HeapGraph, born: frozenset[int]) -> None:
        """Prepare.

        Args:
            graph: the walk.
            born: ids of all survivors, the plumbing among them included.
        """
        self._graph = graph
        self._born = born
        self._known: dict[int, Shape] = {}

    def of(self, position: int) -> Shape:
        """The shape of the path to a position."""
        pending = []
        while position >= 0 and position not in self._known:
            pending.append(position)
            position = self._graph.parent_of(position)
        shape = self._known[position] if position >= 0 else (position,)
        for position in reversed(pending):
            shape = self._known[position] = self._extended(shape, position)
        return shape

    def _extended(self, shape: Shape, position: int) -> Shape:
        found = self._graph.object_at(position)
        if id(found) not in self._born:
            return ("held by", id(found))
        holder = self._graph.parent_of(position)
        if holder >= 0 and id(self._graph.object_at(holder)) not in self._born:
            return (*shape, self._way_in(holder, position), id(type(found)))
        return tuple(folded([*shape, id(type(found))]))

    def _way_in(self, holder: int, position: int) -> str:
        """The attribute of a lasting object that holds a survivor; entries are all alike."""
        owner = self._graph.object_at(holder)
        if is_exactly(owner, CONTAINERS):
            return "[*]"
        return name_reference([owner, self._graph.object_at(position)]).signature_part
