"""Every root that holds a survivor, not only the one whose path is shortest.

Cutting the reference that a report names frees nothing while another root holds the object
as well. The ways are found one after the other: the walk is repeated without the roots that
have been reported. A namespace counts as many roots in this, one for each of its entries.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import cast

from leakwatch.heap.graph import HeapGraph
from leakwatch.heap.keys import attribute_text
from leakwatch.heap.listing import listed
from leakwatch.heap.objects import shallow_size
from leakwatch.heap.roots.root import HeapRoot
from leakwatch.paths.question import Question, Trace
from leakwatch.paths.routes import KnownRoute, chain_to
from leakwatch.paths.search import root_of, search

MOST_ROUNDS = 20
"""Walks at the most, and so roots that are reported of one object."""


def other_traces(
    reported: Sequence[Trace], roots: Sequence[HeapRoot], question: Question
) -> Iterator[Trace]:
    """Further traces of the survivors, each from a root that was not reported before.

    Args:
        reported: a trace of each survivor that a root reaches.
        roots: the roots those were found from, in search order.
        question: survivors and budget.
    """
    left = list(roots)
    closed: list[object] = []
    for _ in range(MOST_ROUNDS - 1):
        left = without(left, reported, closed)
        tracked = listed()
        graph, out_of_reach = search(left, question, tracked, closed)
        out_of_reach.clear()
        tracked.clear()
        reported = [trace_at(graph, left, position) for position in graph.leaves_from(0)]
        graph.close()
        if not reported:
            break
        yield from reported
    closed.clear()


def trace_at(graph: HeapGraph, roots: Sequence[HeapRoot], position: int) -> Trace:
    """A trace that stays valid when the graph is closed; what is retained is reported already."""
    survivor = graph.object_at(position)
    chain = chain_to(graph, position)
    root = root_of(graph, roots, position)
    size = shallow_size(survivor)
    return Trace(survivor, root, KnownRoute(chain), retained=0, shallow=size, repeated=True)


def without(
    roots: Sequence[HeapRoot], reported: Sequence[Trace], closed: list[object]
) -> list[HeapRoot]:
    """The roots but for those that were reported.

    Args:
        roots: in search order.
        reported: the traces whose roots are not to be reported again.
        closed: gets what must not become a way round: what is reached by its own name is not
            reached by another.
    """
    used: dict[int, set[int]] = {}
    for trace in reported:
        first = trace.route.to_survivor()[1:2] if trace.root.is_namespace else []
        used.setdefault(id(trace.root), set()).update(map(id, first))
    left: list[HeapRoot] = []
    for root in roots:
        if id(root) not in used:
            left.append(root)
            continue
        if root.is_namespace:
            left += entries(root, used[id(root)])
        if root.barrier:
            closed.append(root.target)
    return left


def entries(root: HeapRoot, used: set[int]) -> list[HeapRoot]:
    """One root for each entry of a namespace that was not reported."""
    namespace = cast(dict[object, object], root.target)
    return [
        replace(root, target=value, name=attribute_text(name), barrier=False, alias=None)
        for name, value in list(namespace.items())
        if id(value) not in used
    ]
