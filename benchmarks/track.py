"""Time and memory of one tracked object, beside a bare weak reference."""

import tracemalloc
import weakref
from collections.abc import Callable

import leakwatch
from benchmarks.timing import best_of, microseconds

OBJECTS = 100_000
ROUNDS = 5


class Thing:
    """What is tracked."""


def run() -> list[dict[str, object]]:
    """Microseconds and bytes per object."""
    things = [Thing() for _ in range(OBJECTS)]

    def track() -> object:
        scope = leakwatch.scope("benchmark", on_leak=None)
        scope.begin()
        for thing in things:
            scope.track(thing)
        return scope

    def references() -> object:
        return [weakref.ref(thing, id) for thing in things]

    ours, plain = best_of([track, references], ROUNDS)
    pympler = pympler_seconds(things[: OBJECTS // 10])
    return [
        {
            "operation": "track",
            "ours_us": microseconds(ours, OBJECTS),
            "weakref_us": microseconds(plain, OBJECTS),
            "ratio": round(ours / plain, 1),
            "pympler_us": pympler and microseconds(pympler, OBJECTS // 10),
            "pympler_ratio": pympler and round(pympler * 10 / ours, 1),
            "ours_bytes": bytes_of(track),
            "weakref_bytes": bytes_of(references),
        }
    ]


def pympler_seconds(things: list[Thing]) -> float | None:
    """Seconds that Pympler's ClassTracker takes to track these objects."""
    try:
        from pympler.classtracker import ClassTracker
    except ImportError:
        return None

    def track() -> None:
        tracker = ClassTracker()
        for thing in things:
            tracker.track_object(thing)

    return min(best_of([track], 2))


def bytes_of(make: Callable[[], object]) -> int:
    """Bytes per object that the result holds."""
    tracemalloc.start()
    made = make()
    size, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    del made
    return round(size / OBJECTS)
