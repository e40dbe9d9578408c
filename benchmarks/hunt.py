"""`leakwatch.hunt`: how often it calls the work, and what it takes itself, in collections."""

import gc
import time
from typing import Any

import leakwatch
from benchmarks import isolated
from benchmarks.heap import heap_of
from benchmarks.timing import best_of

SIZES = (10_000, 1_000_000)
KEPT: list[object] = []


class Thing:
    """What the work makes."""


def run() -> list[dict[str, Any]]:
    """Clean work and leaking work, on a small and a large heap."""
    kinds = (False, True)
    return [isolated.row("benchmarks.hunt", size, leaks) for size in SIZES for leaks in kinds]


def row(size: int, leaks: bool) -> dict[str, Any]:  # noqa: FBT001 - a row of the table
    """One hunt, the second of this process."""
    heap = heap_of(size)
    calls = iter(range(1 << 30)).__next__

    def work() -> None:
        calls()
        thing = Thing()
        if leaks:
            KEPT.append(thing)

    leakwatch.hunt(Thing)
    collection = best_of([gc.collect], 3)[0]
    start = time.process_time()
    report = leakwatch.hunt(work, runs=7, warmup=3)
    own = time.process_time() - start
    assert bool(report.leaks) is leaks
    del heap
    return {
        "heap": size,
        "leaks": leaks,
        "calls": calls(),
        "own_s": round(own, 3),
        "collections": round(own / collection, 1),
    }
