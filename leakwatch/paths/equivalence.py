"""Telling survivors that are held alike from those that are not, without naming anything.

The shape of a survivor is what its path looks like: which objects hold it, as long as those
are no survivors themselves, and from there on the types only, repeats folded. The entries of
a container are all alike, also those that are containers in turn, and so are the keys of a
dict; the attributes of a module, a class or an instance are not. Survivors of one shape have
one signature, so one of thousands is named and stands for the others.
"""

from collections.abc import Sequence

from leakwatch.heap.graph import HeapGraph
from leakwatch.heap.objects import is_exactly
from leakwatch.heap.roots.root import HeapRoot
from leakwatch.heap.structural_types import CONTAINERS, DICTS
from leakwatch.model.repeated_blocks import folded
from leakwatch.paths.names.references import name_reference

Shape = tuple[object, ...]
ENTRY = "[*]"
KEY = ".<key>"
BORN = "held by a survivor"
ROOT = "held by the root"
INSIDE = frozenset({ENTRY, KEY, BORN})
"""Ways into what belongs to its holder, where that is a container or a survivor."""


class Shapes:
    """Shapes by position; a holder's shape is computed once for all that it holds."""

    __slots__ = ("_born", "_graph", "_known", "_names", "_roots")

    def __init__(self, graph: HeapGraph, roots: Sequence[HeapRoot], born: frozenset[int]) -> None:
        """Prepare.

        Args:
            graph: the walk.
            roots: its roots, by their numbers.
            born: ids of all survivors, the plumbing among them included.
        """
        self._graph = graph
        self._roots = roots
        self._born = born
        self._known: dict[int, Shape] = {}
        self._names: dict[int, dict[int, str]] = {}

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
        holder = self._graph.parent_of(position)
        born = id(found) in self._born
        if not born and not is_exactly(found, CONTAINERS):
            return ("held by", id(found))
        way = self._way_in(holder, found)
        if not born and way not in INSIDE:
            return ("held by", id(found))
        return tuple(folded([*shape, way, id(type(found))]))

    def _way_in(self, holder: int, found: object) -> str:
        """The attribute of a lasting object that holds something; entries are all alike."""
        if holder < 0:
            return ROOT
        owner = self._graph.object_at(holder)
        if id(owner) in self._born:
            return BORN
        if not is_exactly(owner, CONTAINERS):
            return name_reference([owner, found]).signature_part
        return self._names_in(holder, found).get(id(found), ENTRY)

    def _names_in(self, holder: int, entry: object) -> dict[int, str]:
        """By the ids of what a dict holds: the names in a namespace, what is a key in others."""
        names = self._names.get(holder)
        if names is None:
            owner: dict[object, object] = self._graph.object_at(holder)  # type: ignore[assignment]
            if not is_exactly(owner, DICTS):
                names = {}
            elif self._is_namespace(holder, entry):
                names = {
                    id(value): key for key, value in list(dict.items(owner)) if type(key) is str
                }
            else:
                names = {id(key): KEY for key in list(dict.keys(owner))}
            self._names[holder] = names
        return names

    def _is_namespace(self, position: int, entry: object) -> bool:
        """Whether a dict is that of a module, a class or an instance."""
        holder = self._graph.parent_of(position)
        if holder < 0:
            return self._roots[-1 - holder].is_namespace
        owner = self._graph.object_at(holder)
        if is_exactly(owner, CONTAINERS):
            return False
        return name_reference([owner, self._graph.object_at(position), entry]).hops > 1
