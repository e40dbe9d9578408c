"""Beyond what the collector shows: the second part of the walk.

When the named roots have been walked, some of what the collector lists is not reached. What
holds it can often be named all the same: a table of the interpreter, or a reference that is
there and not shown. This comes before the variables of the one who asks, who holds nearly
everything that he asks about.
"""

from leakwatch.heap.hidden_references import askable_kinds, hidden_references, opaque_references
from leakwatch.heap.interpreter_tables import table_roots
from leakwatch.heap.object_arrays import array_type
from leakwatch.heap.roots import HeapRoot
from leakwatch.heap.walk import HeapGraph, root_parent
from leakwatch.interpreter import get_objects


class Deeper:
    """What to do in the middle of a walk."""

    __slots__ = ("_roots", "_survivors")

    def __init__(self, roots: list[HeapRoot], survivors: list[object]) -> None:
        """Prepare.

        Args:
            roots: of the walk; the tables that are found are added.
            survivors: the objects to explain; what they hold is not entered.
        """
        self._roots = roots
        self._survivors = survivors

    def look(self, graph: HeapGraph) -> None:
        """Walk on from everything that can be named and was not reached."""
        unreached = graph.unreached(get_objects())
        for root in table_roots(unreached, self._survivors):
            self._roots.append(root)
            enter(graph, root.target, root_parent(len(self._roots) - 1))
        wanted = bool(graph.unreached(self._survivors))
        for position, found in hidden_references(graph, unreached, constants=wanted):
            enter(graph, found, position)
        # Every object that was reached is looked at, so only for arrays, or if it may help.
        if wanted or array_type() is not None:
            for position, found in opaque_references(graph, askable_kinds()):
                enter(graph, found, position)
        unreached.clear()

    def look_again(self, graph: HeapGraph) -> None:
        """Walk on from what the late roots hold without showing it."""
        unreached = graph.unreached(get_objects())
        for position, found in hidden_references(graph, unreached, constants=True):
            enter(graph, found, position)
        unreached.clear()


def enter(graph: HeapGraph, found: object, parent: int) -> None:
    """Add an object that was not reached, and walk on from it unless it is a survivor."""
    if graph.position_of(found) is not None:
        return
    position = graph.add(found, parent)
    if not graph.leaves_from(position):
        graph.expand([position], into_leaves=False)
