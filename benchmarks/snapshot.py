"""`leakwatch.snapshot`: seconds beside one full collection, pause, bytes; and what asking takes.

The ratio is of processor time, that of the child that writes included. Beside it, in the same
round, midden writes the same heap, while the program waits for it.
"""

import gc
import os
import resource
import tempfile
import time
from itertools import pairwise
from typing import Any

import leakwatch
from benchmarks import isolated
from benchmarks.heap import SIZES, linked_heap_of
from benchmarks.timing import best_of, processor_time
from leakwatch.heap.graph import IMPLEMENTATION

ROUNDS = 3
LARGEST = 10_000_000
"""Objects; takes 4 GiB."""
HEAP: list[Any] = []


def run() -> list[dict[str, Any]]:
    """Seconds and bytes on heaps of growing size; in pure Python the largest takes minutes."""
    module = "benchmarks.snapshot"
    rows = isolated.rows(module, SIZES[:-1])
    if IMPLEMENTATION == "native":
        rows += [{"walk": "native", **isolated.row(module, it)} for it in (SIZES[-1], LARGEST)]
    return rows


def row(size: int) -> dict[str, Any]:
    """One heap."""
    HEAP[:] = linked_heap_of(size)
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "heap.lwheap")
        leakwatch.snapshot(path)  # what is imported and made once
        gc.collect()
        found: list[Any] = []
        sides = [lambda: found.append(leakwatch.snapshot(path)), gc.collect]
        writing, collection = best_of(sides, ROUNDS, processor_time)
        info = found[-1]
        return {
            "objects": info.objects,
            "references": info.references,
            "write_s": round(min(it.seconds for it in found), 3),
            "processor_s": round(writing, 3),
            "collect_s": round(collection, 3),
            "ratio": round(writing / collection, 1),
            "pause_ms": round(1000 * min(it.paused for it in found), 1),
            **by_midden(os.path.join(folder, "heap.jsonl"), collection),
            "bytes_of_object": round(info.bytes / info.objects, 1),
            "bytes_of_either": round(info.bytes / (info.objects + info.references), 1),
            **asked(path),
            "child_mib": resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss >> 10,
            "peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10,
        }


def by_midden(path: str, collection: float) -> dict[str, Any]:
    """What midden takes in one round, and the bytes it writes for an object; None without it."""
    names = ("midden_s", "midden_ratio_to_collect", "midden_bytes_of_object")
    try:
        from midden.dump.dump_heap import dump_heap
    except ImportError:
        return dict.fromkeys(names)
    (seconds,) = best_of([lambda: dump_heap(path)], 1, processor_time)
    size = os.path.getsize(path) / len(gc.get_objects())
    return dict(
        zip(names, (round(seconds, 3), round(seconds / collection, 1), round(size, 1)), strict=True)
    )


def asked(path: str) -> dict[str, float]:
    """Seconds to read a file, to ask why, and for the retained sizes of all objects."""
    times = [time.perf_counter()]
    heap = leakwatch.Snapshot.load(path)
    times.append(time.perf_counter())
    heap.why("benchmarks.heap.Linked")
    times.append(time.perf_counter())
    heap.retained(1)
    times.append(time.perf_counter())
    names = ("load_s", "why_s", "retained_s")
    pairs = pairwise(times)
    return {name: round(end - start, 2) for name, (start, end) in zip(names, pairs, strict=True)}
