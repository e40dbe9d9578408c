"""A process that works under `leakwatch.monitor()`, in turns with the same work without it.

Something leaks a little, so that looks are judged, in a forked child; the monitor looks far more
often than by default. A further thread ticks: what it misses is how long the process stood still.
"""

import gc
import os
import time
from statistics import median
from typing import Any

import leakwatch
from benchmarks import isolated
from benchmarks.fork import Watched, kibibytes
from benchmarks.heap import heap_of

SIZES = (200_000, 1_000_000)
EVERY = 2.0
"""Seconds between two looks; 60 by default."""
SECONDS = 8.0
"""Of a turn: three looks and more."""
TURNS = 4
MIB = 1024


LINES = 1000
"""Dicts that a unit of work makes and drops: a tenth of a millisecond, little for a request."""


class Order:
    """What stays of each hundredth unit of work."""

    def __init__(self, number: int) -> None:
        self.number = number


KEPT: list[Order] = []


def run() -> list[dict[str, Any]]:
    """Ratios on heaps of growing size."""
    return isolated.rows("benchmarks.monitor", SIZES)


def row(size: int) -> dict[str, Any]:
    """One heap."""
    heap = heap_of(size)
    units_in(1.0, None)  # what is imported and made once
    gc.collect()
    resident = kibibytes(os.getpid(), "Rss:")
    ratios, looks, leaks = [], 0, 0
    own_gap = gap = 0.0
    with Watched() as watched:
        for turn in range(TURNS):
            # Who comes second has the larger heap.
            plain = units_in(SECONDS, None) if turn % 2 else 0
            own_gap = max(own_gap, watched.last_gap())
            with leakwatch.monitor(every=EVERY, on_report=ignored) as monitor:
                watched_units = units_in(SECONDS, monitor)
                looks += int(str(monitor.status["looks"]))
                leaks += len(monitor.reports)
            gap = max(gap, watched.last_gap())
            ratios.append(watched_units / (plain or units_in(SECONDS, None)))
            own_gap = max(own_gap, watched.last_gap())
    return {
        "objects": size,
        "resident_mib": round(resident / MIB),
        "throughput_of_plain": round(median(ratios), 3),
        "longest_pause_ms": round(1000 * gap, 1),
        "longest_pause_of_plain_ms": round(1000 * own_gap, 1),  # its own full collections
        "child_of_resident": round(watched.private / resident, 2),
        "grown_mib": round((kibibytes(os.getpid(), "Rss:") - resident) / MIB, 1),
        "looks": looks,
        "reports": leaks,
        "held": len(heap),
    }


def ignored(report: leakwatch.Report) -> None:
    """Nothing is printed."""


def units_in(seconds: float, monitor: "leakwatch.Monitor | None") -> int:
    """How many units of work are done in this time; each is counted where there is a monitor."""
    end, number = time.perf_counter() + seconds, 0
    while time.perf_counter() < end:
        lines = [{"article": line} for line in range(LINES)]
        if number % 100 == 0:
            KEPT.append(Order(len(lines)))
        if monitor is not None:
            monitor.count()
        number += 1
    return number
