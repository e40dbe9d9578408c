"""Open a scope, track an object that dies, close: beside a weak reference with callback."""

import os
import weakref

from benchmarks.timing import best_of, microseconds

TIMES = 5_000
ROUNDS = 7


class Thing:
    """What is tracked."""


def run() -> list[dict[str, object]]:
    """Microseconds per scope, without the plugins that are not built in."""
    os.environ["LEAKWATCH_DISABLE_PLUGINS"] = "all"
    import leakwatch

    def scopes() -> None:
        for _ in range(TIMES):
            with leakwatch.scope("benchmark") as scope:
                scope.track(Thing())

    def references() -> None:
        for _ in range(TIMES):
            weakref.ref(Thing(), id)

    ours, plain = best_of([scopes, references], ROUNDS)
    return [
        {
            "operation": "scope with one object that dies",
            "ours_us": microseconds(ours, TIMES),
            "weakref_us": microseconds(plain, TIMES),
            "ratio": round(ours / plain, 1),
        }
    ]
