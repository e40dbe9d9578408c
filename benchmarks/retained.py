"""Exact retained sizes of 100 leaks that hold the whole heap, on top of the walk alone."""

import gc
from typing import Any

from benchmarks import isolated
from benchmarks.heap import SIZES, Owner, owned_heap_of
from benchmarks.timing import best_of
from leakwatch.heap.roots.providers import PROVIDERS
from leakwatch.heap.roots.root import RootQuery
from leakwatch.paths.analysis import analysed
from leakwatch.paths.question import Question

SURVIVORS = 100
ROUNDS = 3
HEAP: list[Owner] = []


def run() -> list[dict[str, Any]]:
    """Seconds on heaps of growing size, and the ratio to a collection of the same heap."""
    return isolated.rows("benchmarks.retained", SIZES)


def row(size: int) -> dict[str, Any]:
    """One heap."""
    HEAP[:] = owned_heap_of(size, SURVIVORS)
    gc.collect()
    whole, walk, collection = best_of([size_of_all, walk_only, gc.collect], ROUNDS)
    return {
        "heap": size,
        "with_sizes_s": round(whole, 4),
        "walk_s": round(walk, 4),
        "collect_s": round(collection, 4),
        "ratio_on_top": round((whole - walk) / collection, 1),
    }


def size_of_all() -> int:
    """Bytes that the owners hold: everything."""
    return retained(list(HEAP))


def walk_only() -> int:
    """Bytes of one node of each: the same heap is walked, and next to nothing is held."""
    return retained([owner.nodes[0] for owner in HEAP])


def retained(survivors: list[object]) -> int:
    """Bytes that the survivors retain together."""
    with analysed(Question(survivors, RootQuery(), PROVIDERS)) as analysis:
        return sum(trace.retained for trace in analysis.traces)
