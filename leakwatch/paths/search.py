"""The walk for a question, as deep as it goes, and how much of the heap it explains."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from types import FrameType, FunctionType, GeneratorType, MethodType
from typing import Any

from leakwatch.heap import listing
from leakwatch.heap.fields import globals_of, module_name, self_of
from leakwatch.heap.graph import HeapGraph, census, of_types, root_parent, walk
from leakwatch.heap.hidden_references import (
    Edge,
    askable_kinds,
    hidden_references,
    opaque_references,
)
from leakwatch.heap.listing import ALL, if_few, most_listed
from leakwatch.heap.objects import identities
from leakwatch.heap.provenance import are_own_globals, is_own_frame, is_own_module
from leakwatch.heap.roots.frames import RUNNING, own_frames, running_coroutines
from leakwatch.heap.roots.interpreter_tables import candidates, table_roots
from leakwatch.heap.roots.root import HeapRoot
from leakwatch.interpreter import get_referents, is_tracked
from leakwatch.paths.outermost import with_a_name
from leakwatch.paths.question import Question
from weakrefs import ReferenceType


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
    survivors = question.survivors
    looked_into = if_few(of_types(tracked, LOOKED_INTO, most_listed()), tracked)
    hidden: list[object] = [roots, survivors, tracked, closed, *closed]
    hidden += [*running_coroutines(looked_into), *own_frames(looked_into)]
    deeper = Deeper(roots, question, tracked, looked_into)
    expected = min(len(tracked), question.limits.objects)
    graph = walk(
        roots,
        hidden,
        # The survivors that no path may lead through.
        with_a_name(survivors) if question.owners_only else survivors,
        replace(question.limits, seconds=question.deadline.for_a_walk()),
        deeper.walk_on,
        expected=expected,
        borrows=listing.borrows(),
        notes=question.whole_graph,
    )
    deeper.walk_on_from_tables(graph)
    hidden.clear()
    if looked_into is not tracked:
        # This frame is among the hidden, which the graph holds, and so is its list of frames.
        looked_into.clear()
    return graph, deeper.left


def root_of(graph: HeapGraph, roots: Sequence[HeapRoot], position: int) -> HeapRoot:
    """The root at the upper end of the path to a position."""
    while position >= 0:
        position = graph.parent_of(position)
    return roots[-1 - position]


LOOKED_INTO = identities([FunctionType, FrameType]) | frozenset(RUNNING)
"""What of the heap is looked into, beside what the collector shows of it."""


class Deeper:
    """What to do in the middle of a walk, when the named roots have been walked.

    Some of what the collector lists is not reached then. What holds it can often be named all the
    same: a table of the interpreter, or a reference that is there and not shown. This comes before
    the variables of the caller, who holds nearly everything that he asks about.
    """

    __slots__ = ("_functions", "_question", "_roots", "_wanted", "left")

    def __init__(
        self,
        roots: list[HeapRoot],
        question: Question,
        tracked: list[object],
        functions: list[object],
    ) -> None:
        """Prepare.

        Args:
            roots: of the walk; the tables that are found are added.
            question: the survivors, of which what they hold is not entered, and what plugins know.
            tracked: what the collector lists.
            functions: the functions among that, and others.
        """
        self._roots = roots
        self._question = question
        self.left = tracked
        self._functions = functions
        self._wanted = True

    def walk_on(self, graph: HeapGraph) -> None:
        """Walk on from everything that can be named and was not reached.

        It may be most of the heap, which the caller has in a variable. What something of
        it holds is not looked at one by one: that comes with its holder.
        """
        self._walk_into_code(graph)
        self._wanted = bool(graph.unreached(self._question.survivors))
        self.left = if_few(self._without_reached(graph, most_listed()), self.left)
        unheld = candidates(graph, self.left, self._question.survivors)
        for root in table_roots(unheld, self._question.recognisers):
            self._roots.append(root)
            enter(graph, root.target, root_parent(len(self._roots) - 1))
        enter_all(graph, hidden_references(graph, unheld))
        unheld.clear()
        # Every object that was reached is looked at, so only if it may help, or for what a plugin
        # knows to hold much.
        if self._wanted or self._question.hidden:
            enter_all(graph, opaque_references(graph, askable_kinds(self._question.hidden)))

    def walk_on_from_tables(self, graph: HeapGraph) -> None:
        """Walk on from what the late roots hold without showing it."""
        self._walk_into_code(graph)
        if type(self.left) is list:
            self.left = graph.unreached(self.left)
        else:
            self.left = self._without_reached(graph)
        enter_all(graph, hidden_references(graph, self.left))

    def _without_reached(self, graph: HeapGraph, most: int = ALL) -> list[object]:
        """What was not reached; no more than the first `most` of it.

        What the survivors hold may be most of the heap. It is phase two's, except that the way
        to a survivor may lead through what another one holds.
        """
        return (graph.unreached if self._wanted else graph.out_of_reach)(self.left, most)

    def _walk_into_code(self, graph: HeapGraph) -> None:
        """Walk on from the constants of functions: their code shows them to nobody."""
        enter_all(graph, graph.code_constants(self._functions))


def walk_into_survivors(graph: HeapGraph, question: Question) -> None:
    """Walk on from what was reached last, the insides of survivors, to others that it hides."""
    missing = graph.unreached(question.survivors)
    enter_all(graph, hidden_references(graph, missing))
    enter_all(graph, opaque_references(graph, askable_kinds(question.hidden)))
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


def explained_share(graph: HeapGraph, tracked: list[object], left: list[object]) -> float:
    """Share of the objects known to the collector that some named root reaches.

    Weak references without a callback are left out, for they hold nothing, and so are tuples that
    the collector is about to let go of, and what leakwatch has made for this analysis.

    Args:
        graph: the walk.
        tracked: the objects known to the collector.
        left: those of them that the search for roots did not reach; not what survivors hold.
    """
    by_type = census(tracked)
    # A type is asked once: thousands of objects may be left.
    counted = {
        id(cls): number
        for cls, number in by_type
        if cls is not ReferenceType and not is_own_module(module_name(cls))
    }
    total = sum(counted.values())
    missing = [
        found
        for found in graph.unreached(left)
        if id(type(found)) in counted and not is_about_to_be_untracked(found)
    ]
    unreached = len(left_without_ours(missing))
    total -= len(missing) - unreached
    missing.clear()
    return 1 - unreached / total if total else 1.0


def is_about_to_be_untracked(found: object) -> bool:
    """Whether an object is a tuple of what the collector does not track, as the names in code.

    The collector lets go of such a tuple when it next sees it: that it knows it still tells how
    young the tuple is, and it can hold nothing that matters.
    """
    # Not by going through it: one that `tuple(...)` has not filled yet has NULL in its places.
    return type(found) is tuple and not any(map(is_tracked, get_referents(found)))


def left_without_ours(missing: list[object]) -> set[int]:
    """The ids of those objects that leakwatch has not made for this analysis.

    Those are our running functions and our closures, what only such hold in turn, and the
    lists of them.
    """
    left = set(map(id, missing))
    queue = [found for found in missing if is_ours(found)]
    left.difference_update(map(id, queue))
    for holder in queue:
        for child in get_referents(holder):
            if id(child) in left:
                left.discard(id(child))
                queue.append(child)
    ours = set(map(id, queue))
    lists = [found for found in missing if id(found) in left and type(found) is list]
    left.difference_update(
        id(found) for found in lists if found and ours.issuperset(map(id, found))
    )
    return left


def is_ours(found: Any) -> bool:
    """Whether an object is of leakwatch's own types, or its function, method, frame, generator."""
    kind = type(found)
    if kind is MethodType:
        return is_own_module(module_name(type(self_of(found))))
    if kind is GeneratorType:
        return found.gi_frame is not None and is_own_frame(found.gi_frame)
    if kind is FrameType:
        return is_own_frame(found)
    if kind is FunctionType:
        return are_own_globals(globals_of(found))
    return is_own_module(module_name(kind))
