"""The walk for a question: from its roots, past what must stay out of it, as deep as it goes."""

from collections.abc import Iterable, Sequence
from types import FunctionType

from leakwatch.heap import listing
from leakwatch.heap.graph import HeapGraph, of_types, root_parent, walk
from leakwatch.heap.hidden_references import (
    Edge,
    askable_kinds,
    hidden_references,
    opaque_references,
)
from leakwatch.heap.listing import borrows
from leakwatch.heap.object_arrays import array_type
from leakwatch.heap.objects import identities
from leakwatch.heap.roots.frames import own_frames, running_coroutines
from leakwatch.heap.roots.interpreter_tables import candidates, table_roots
from leakwatch.heap.roots.root import HeapRoot, in_waves
from leakwatch.paths.outermost import with_a_name
from leakwatch.paths.question import Question


def roots_of(question: Question) -> list[HeapRoot]:
    """The roots from all providers, in search order."""
    return in_waves(root for provider in question.providers for root in provider(question.query))


def search(
    roots: list[HeapRoot],
    question: Question,
    tracked: list[object],
    closed: Sequence[object] = (),
) -> tuple[HeapGraph, list[object]]:
    """Walk from the roots.

    Args:
        roots: in search order; those that are found on the way are added.
        question: survivors and budget.
        tracked: what the collector lists.
        closed: objects that no path may lead through.

    Returns:
        the graph, which the caller must `close`; and those of the collector's objects that
        it did not reach, except for what the survivors hold.
    """
    hidden: list[object] = [roots, question.survivors, tracked, closed, *closed]
    hidden += [*running_coroutines(tracked), *own_frames(tracked)]
    deeper = Deeper(roots, question.survivors, tracked)
    expected = min(len(tracked), question.limits.objects)
    graph = walk(
        roots,
        hidden,
        leaves_of(question),
        question.limits,
        deeper.look,
        expected=expected,
        borrows=listing.borrows(),
    )
    deeper.look_again(graph)
    hidden.clear()
    return graph, deeper.left


def leaves_of(question: Question) -> list[object]:
    """The survivors that no path may lead through."""
    if question.owners_only:
        return with_a_name(question.survivors)
    return question.survivors


def root_of(graph: HeapGraph, roots: Sequence[HeapRoot], position: int) -> HeapRoot:
    """The root at the upper end of the path to a position."""
    while position >= 0:
        position = graph.parent_of(position)
    return roots[-1 - position]


FUNCTIONS = identities([FunctionType])


class Deeper:
    """What to do in the middle of a walk."""

    __slots__ = ("_functions", "_roots", "_survivors", "_wanted", "left")

    def __init__(
        self, roots: list[HeapRoot], survivors: list[object], tracked: list[object]
    ) -> None:
        """Prepare.

        Args:
            roots: of the walk; the tables that are found are added.
            survivors: the objects to explain; what they hold is not entered.
            tracked: what the collector lists.
        """
        self._roots = roots
        self._survivors = survivors
        self.left = tracked
        # A list of them would refer to each, so what borrows goes through all every time.
        self._functions = tracked if borrows() else of_types(tracked, FUNCTIONS)
        self._wanted = True

    def look(self, graph: HeapGraph) -> None:
        """Walk on from everything that can be named and was not reached.

        It may be most of the heap, which the one who asks has in a variable. What something of
        it holds is not looked at one by one: that comes with its holder.
        """
        self._look_into_code(graph)
        self._wanted = bool(graph.unreached(self._survivors))
        if not borrows():
            self.left = self._without_reached(graph)
        unheld = candidates(graph, self.left, self._survivors)
        for root in table_roots(unheld):
            self._roots.append(root)
            enter(graph, root.target, root_parent(len(self._roots) - 1))
        enter_all(graph, hidden_references(graph, unheld))
        unheld.clear()
        # Every object that was reached is looked at, so only for arrays, or if it may help.
        if self._wanted or array_type() is not None:
            enter_all(graph, opaque_references(graph, askable_kinds()))

    def look_again(self, graph: HeapGraph) -> None:
        """Walk on from what the late roots hold without showing it."""
        self._look_into_code(graph)
        self.left = self._without_reached(graph) if borrows() else graph.unreached(self.left)
        enter_all(graph, hidden_references(graph, self.left))

    def _without_reached(self, graph: HeapGraph) -> list[object]:
        """What was not reached.

        What the survivors hold may be most of the heap. It is phase two's, except that the way
        to a survivor may lead through what another one holds.
        """
        return (graph.unreached if self._wanted else graph.out_of_reach)(self.left)

    def _look_into_code(self, graph: HeapGraph) -> None:
        """Walk on from the constants of functions: their code shows them to nobody."""
        enter_all(graph, graph.code_constants(self._functions))


def look_into(survivors: list[object], graph: HeapGraph) -> None:
    """Walk on from what was reached last, the insides of survivors, to others that it hides."""
    missing = graph.unreached(survivors)
    if missing:
        enter_all(graph, hidden_references(graph, missing))
        enter_all(graph, opaque_references(graph, askable_kinds()))
    missing.clear()


def enter_all(graph: HeapGraph, edges: Iterable[Edge]) -> None:
    """Walk on along references; they may be found while the graph grows."""
    for position, found in edges:
        enter(graph, found, position)


def enter(graph: HeapGraph, found: object, parent: int) -> None:
    """Add an object that was not reached, and walk on from it unless it is a survivor."""
    if graph.position_of(found) is not None:
        return
    position = graph.add(found, parent)
    if not graph.leaves_from(position):
        graph.expand([position], into_leaves=False)
