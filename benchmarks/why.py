"""`leakwatch.why` of an object and of a class, beside one collection, objgraph and guppy3."""

import gc
from collections.abc import Callable
from typing import Any

import leakwatch
from benchmarks import isolated
from benchmarks.heap import Node, heap_of
from benchmarks.timing import best_of

SIZES = (1_000_000, 5_000_000)
INSTANCES = 200_000
HEAP: list[Node] = []
KEPT: list[object] = []


class Entry:
    """What there is much of."""


def run() -> list[dict[str, Any]]:
    """Seconds, and the ratio to a collection of the same heap."""
    return [isolated.row("benchmarks.why", size) for size in SIZES]


def row(size: int) -> dict[str, Any]:
    """One heap."""
    HEAP[:] = heap_of(size)
    shallow, deep = HEAP[len(HEAP) // 2], HEAP[len(HEAP) // 2].names["number"][1]
    leakwatch.why(shallow)
    collection = best_of([gc.collect], 3)[0]
    sides: dict[str, Callable[[], object]] = {
        "why": lambda: leakwatch.why(shallow),
        "why_deep": lambda: leakwatch.why(deep),
        **peers(shallow),
    }
    found = {f"{name}_ratio": seconds(side) / collection for name, side in sides.items()}
    KEPT[:] = [Entry() for _ in range(INSTANCES)]
    collection = best_of([gc.collect], 3)[0]
    found["class_ratio"] = seconds(lambda: leakwatch.why(Entry)) / collection
    rounded = {name: round(ratio, 1) for name, ratio in found.items()}
    return {"heap": size, "collect_s": round(collection, 3), **rounded}


def seconds(side: Callable[[], object]) -> float:
    """Of the faster of two."""
    return best_of([side], 2)[0]


def peers(target: object) -> dict[str, Callable[[], object]]:
    """One path of an object as others find it, where they are installed."""
    found: dict[str, Callable[[], object]] = {}
    try:
        import objgraph
    except ImportError:
        pass
    else:
        found["objgraph"] = lambda: objgraph.find_backref_chain(target, objgraph.is_proper_module)
    try:
        from guppy import hpy
    except ImportError:
        pass
    else:
        heap = hpy()
        found["guppy"] = lambda: str(heap.iso(target).sp)
    return found
