"""Retention paths of 100 survivors, beside one full collection of the same heap."""

import gc

from benchmarks.heap import Node, heap_of
from benchmarks.timing import best_of
from leakwatch.heap.providers import PROVIDERS
from leakwatch.heap.question import Question
from leakwatch.heap.roots import RootQuery
from leakwatch.heap.traces import analysed
from leakwatch.heap.walk import IMPLEMENTATION

SIZES = (10_000, 100_000, 1_000_000)
SURVIVORS = 100
ROUNDS = 2
HEAP: list[Node] = []


def run() -> list[dict[str, object]]:
    """Seconds on heaps of growing size, and the ratio."""
    return [row(size) for size in SIZES]


def row(size: int) -> dict[str, object]:
    """One heap."""
    HEAP[:] = heap_of(size)
    ours, collection = best_of([explain_some, gc.collect], ROUNDS)
    HEAP.clear()
    return {
        "heap": size,
        "walk": IMPLEMENTATION,
        "walk_s": round(ours, 4),
        "collect_s": round(collection, 4),
        "ratio": round(ours / collection, 1),
    }


def explain_some() -> None:
    """The traces of some nodes."""
    survivors: list[object] = list(HEAP[:: max(1, len(HEAP) // SURVIVORS)])
    with analysed(Question(survivors, RootQuery(), PROVIDERS)) as analysis:
        assert analysis.partial is None
