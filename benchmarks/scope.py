"""Open a scope, track an object that dies, close: beside a weak reference with callback."""

import weakref

from benchmarks import isolated
from benchmarks.timing import best_of, microseconds

TIMES = 5_000
ROUNDS = 7


class Thing:
    """What is tracked."""


def run() -> list[dict[str, object]]:
    """Microseconds per scope, with all plugins that are installed and without."""
    return [
        {"plugins": plugins, **isolated.row("benchmarks.scope", LEAKWATCH_DISABLE_PLUGINS=blocked)}
        for plugins, blocked in (("all that are installed", ""), ("none", "all"))
    ]


def row() -> dict[str, object]:
    """In this process, with the plugins that its environment allows."""
    import leakwatch

    def scopes() -> None:
        for _ in range(TIMES):
            with leakwatch.scope("benchmark") as scope:
                scope.track(Thing())

    def references() -> None:
        for _ in range(TIMES):
            weakref.ref(Thing(), id)

    ours, plain = best_of([scopes, references], ROUNDS)
    return {
        "ours_us": microseconds(ours, TIMES),
        "weakref_us": microseconds(plain, TIMES),
        "ratio": round(ours / plain, 1),
    }
