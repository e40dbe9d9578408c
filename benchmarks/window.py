"""Collect and list what was born since a moment: the generation window beside a full look."""

import gc
import io
from collections.abc import Callable
from contextlib import redirect_stdout
from typing import Any

from benchmarks.heap import SIZES, heap_of
from benchmarks.timing import best_of, microseconds
from leakwatch.tracking.window import Window

ROUNDS = 5


def run() -> list[dict[str, Any]]:
    """Microseconds on heaps of growing size."""
    return [row(size) for size in SIZES]


def row(size: int) -> dict[str, Any]:
    """One heap; ratios say how many times longer a peer takes."""
    heap = heap_of(size)
    window = Window()

    def in_window() -> None:
        window.collect()
        window.newborn().clear()

    ours = min(best_of([in_window], ROUNDS))
    window.close()
    peers = {"full": full_look, "objgraph": objgraph_growth(), "pympler": pympler_difference()}
    times = {name: min(best_of([peer], 2)) for name, peer in peers.items() if peer}
    del heap
    return {
        "heap": size,
        "window_us": microseconds(ours),
        **{f"{name}_us": microseconds(seconds) for name, seconds in times.items()},
        **{f"{name}_ratio": round(seconds / ours) for name, seconds in times.items()},
    }


def full_look() -> None:
    """A collection and a list of everything."""
    gc.collect()
    gc.get_objects()


def objgraph_growth() -> Callable[[], object] | None:
    """What grew since the last call, as objgraph counts it."""
    try:
        import objgraph
    except ImportError:
        return None
    seen: dict[str, int] = {}
    objgraph.growth(peak_stats=seen)
    return lambda: objgraph.growth(peak_stats=seen)


def pympler_difference() -> Callable[[], object] | None:
    """What grew since the last call, as Pympler sums it up."""
    try:
        from pympler.tracker import SummaryTracker
    except ImportError:
        return None
    tracker = SummaryTracker()

    def difference() -> None:
        with redirect_stdout(io.StringIO()):
            tracker.print_diff()

    return difference
