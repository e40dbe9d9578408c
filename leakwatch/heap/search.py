"""The walk for a question: from its roots, past what must stay out of it, as deep as it goes."""

from collections.abc import Sequence

from leakwatch.heap import listing
from leakwatch.heap.deeper import Deeper
from leakwatch.heap.frame_roots import own_frames, running_coroutines
from leakwatch.heap.owners import with_a_name
from leakwatch.heap.question import Question
from leakwatch.heap.roots import HeapRoot, in_waves
from leakwatch.heap.walk import HeapGraph, walk


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
