"""A clean discovering scope, as a user opens it, on heaps of growing size.

Beside it a collection of the same heap, and what the interpreter itself takes to freeze the heap,
collect what was born and thaw it again.
"""

import gc
import time
from typing import Any

import leakwatch
from benchmarks import isolated
from benchmarks.growth import exponents
from benchmarks.heap import Node, heap_of
from benchmarks.timing import best_of, microseconds

SIZES = (10_000, 100_000, 1_000_000, 5_000_000)
TIMES, ROUNDS = 50, 5
HEAP: list[Node] = []


def run() -> list[dict[str, Any]]:
    """Microseconds per scope."""
    return [isolated.row("benchmarks.discover", size) for size in SIZES]


def row(size: int) -> dict[str, Any]:
    """One heap."""
    HEAP[:] = heap_of(size)
    gc.collect()
    start = time.perf_counter()
    clean()
    first = time.perf_counter() - start
    ours, nest, window = best_of([repeated(clean), repeated(nested), repeated(freezing)], ROUNDS)
    return {
        "heap": size,
        "first_ms": round(first * 1e3, 1),
        "scope_us": microseconds(ours, TIMES),
        "nested_us": microseconds(nest, TIMES),
        "bare_window_us": microseconds(window, TIMES),
        "collect_us": microseconds(best_of([gc.collect], 3)[0]),
    }


def summary(rows: list[dict[str, Any]]) -> list[str]:
    """How the time grows with the heap: 0 is not at all."""
    return exponents(rows, "heap", ("scope_us", "nested_us", "collect_us"))


def repeated(work: Any) -> Any:
    """The work so many times."""

    def times() -> None:
        for _ in range(TIMES):
            work()

    return times


def some_garbage() -> None:
    """Objects that only the collector frees, as a request leaves them."""
    for number in range(3):
        node = Node(number)
        node.items.append(node)  # type: ignore[arg-type]


def clean() -> None:
    """A scope that leaves nothing."""
    with leakwatch.scope("benchmark", discover=True):
        some_garbage()


def nested() -> None:
    """One in another."""
    with leakwatch.scope("outer", discover=True):
        some_garbage()
        clean()


def freezing() -> None:
    """What no window can do without."""
    gc.freeze()
    some_garbage()
    gc.collect()
    gc.get_objects().clear()
    gc.unfreeze()
