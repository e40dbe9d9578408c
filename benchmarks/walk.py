"""Retention paths of 100 survivors, beside one full collection and guppy3's path of one."""

import gc
import time
from collections.abc import Callable
from importlib.util import find_spec
from typing import Any

from benchmarks import isolated
from benchmarks.heap import SIZES, Node, heap_of
from benchmarks.timing import best_of
from leakwatch.heap.graph import IMPLEMENTATION
from leakwatch.heap.roots.providers import PROVIDERS
from leakwatch.heap.roots.root import RootQuery
from leakwatch.paths.analysis import analysed
from leakwatch.paths.question import Question

SURVIVORS = 100
ROUNDS = 3
HEAP: list[Node] = []


def run() -> list[dict[str, Any]]:
    """Seconds on heaps of growing size, and the ratio to a collection of the same heap."""
    return isolated.rows("benchmarks.walk", SIZES)


def row(size: int) -> dict[str, Any]:
    """One heap."""
    HEAP[:] = heap_of(size)
    gc.collect()
    ours, collection = best_of([explain_some, gc.collect], ROUNDS)
    return {
        "heap": size,
        "walk_s": round(ours, 4),
        "collect_s": round(collection, 4),
        "ratio": round(ours / collection, 1),
        **guppy_columns(),
    }


def explain_some() -> None:
    """The paths of some nodes, with what each retains."""
    survivors: list[object] = list(HEAP[:: max(1, len(HEAP) // SURVIVORS)])
    with analysed(Question(survivors, RootQuery(), PROVIDERS)) as analysis:
        assert analysis.partial is None
        for trace in analysis.traces:
            trace.route.to_survivor()


def guppy_columns() -> dict[str, float]:
    """Seconds of guppy3 for one path: it stops when it has one, so depth matters to it."""
    if IMPLEMENTATION != "native" or find_spec("guppy") is None:
        return {}
    return {
        "guppy_one_path_s": guppy_seconds(lambda: HEAP[len(HEAP) // 2]),
        "guppy_one_deep_path_s": guppy_seconds(lambda: HEAP[len(HEAP) // 2].names["number"][1]),
    }


def guppy_seconds(target: Callable[[], object]) -> float:
    """Seconds that guppy3 takes for the shortest path to an object."""
    from guppy import hpy

    heap = hpy()
    start = time.perf_counter()
    str(heap.iso(target()).sp)
    return round(time.perf_counter() - start, 4)
