"""The best of several rounds, turn about, so that noise hits all sides alike."""

import time
from collections.abc import Callable, Sequence


def best_of(sides: Sequence[Callable[[], object]], rounds: int) -> list[float]:
    """Seconds of each side's fastest round."""
    best = [float("inf")] * len(sides)
    for _ in range(rounds):
        for index, side in enumerate(sides):
            start = time.perf_counter()
            side()
            best[index] = min(best[index], time.perf_counter() - start)
    return best


def microseconds(seconds: float, count: int = 1) -> float:
    """Microseconds per piece of work."""
    return round(seconds / count * 1e6, 3)
