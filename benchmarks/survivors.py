"""A scope that leaves survivors behind, from its end to its report, beside one collection."""

import gc
import time
from typing import Any

import leakwatch
from benchmarks import isolated
from benchmarks.growth import exponents
from benchmarks.heap import heap_of
from benchmarks.timing import best_of

HEAP = 1_000_000
SURVIVORS = (1, 100, 10_000, 100_000)
CAUSES = (500, 5_000)
ROUNDS = 3
KEPT: list[object] = []
REGISTRIES: dict[str, list[object]] = {}


class Thing:
    """What stays."""


def run() -> list[dict[str, Any]]:
    """Collections of the same heap that a judgement takes."""
    alike = [isolated.row("benchmarks.survivors", number, 1) for number in SURVIVORS]
    apart = [isolated.row("benchmarks.survivors", number, number) for number in CAUSES]
    return [*alike, *apart]


def row(survivors: int, causes: int) -> dict[str, Any]:
    """So many survivors, held by so many registries, each a variable of this module."""
    heap = heap_of(HEAP)
    for number in range(causes):
        REGISTRIES[f"registry_{number}"] = []
    globals().update(REGISTRIES)
    gc.collect()
    judged(survivors)
    ours = min(judged(survivors) for _ in range(ROUNDS))
    collection = best_of([gc.collect], ROUNDS)[0]
    del heap
    return {
        "survivors": survivors,
        "causes": causes,
        "judged_s": round(ours, 4),
        "collect_s": round(collection, 4),
        "ratio": round(ours / collection, 1),
        "us_each": round(ours / survivors * 1e6, 1),
    }


def judged(survivors: int) -> float:
    """Seconds from the end of a scope to its report."""
    registries = list(REGISTRIES.values())
    for registry in registries:
        registry.clear()
    scope = leakwatch.scope("benchmark", on_leak=lambda _: None)
    with scope:
        for number in range(survivors):
            registries[number % len(registries)].append(scope.track(Thing()))
        start = time.perf_counter()
    seconds = time.perf_counter() - start
    assert scope.report is not None
    assert sum(leak.count for leak in scope.report.leaks) == survivors
    return seconds


def summary(rows: list[dict[str, Any]]) -> list[str]:
    """How the time grows with survivors of one cause, and with causes."""
    one, many = [[it for it in rows if (it["causes"] > 1) == apart] for apart in (False, True)]
    return exponents(one, "survivors", ["judged_s"]) + exponents(many, "causes", ["judged_s"])
