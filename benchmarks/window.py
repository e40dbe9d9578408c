"""Collect and list what was born since a moment: the generation window beside a full look."""

import gc

from benchmarks.heap import heap_of
from benchmarks.timing import best_of, microseconds
from leakwatch.window import Window

SIZES = (10_000, 100_000, 1_000_000)
ROUNDS = 5


def run() -> list[dict[str, object]]:
    """Microseconds on heaps of growing size."""
    return [row(size) for size in SIZES]


def row(size: int) -> dict[str, object]:
    """One heap."""
    heap = heap_of(size)
    window = Window()

    def in_window() -> None:
        window.collect()
        window.newborn().clear()

    ours = min(best_of([in_window], ROUNDS))
    window.close()
    full = min(best_of([lambda: (gc.collect(), gc.get_objects())], ROUNDS))
    del heap
    return {
        "heap": size,
        "window_us": microseconds(ours),
        "full_us": microseconds(full),
        "ratio": round(full / ours),
    }
