"""The best of several rounds, turn about, so that noise hits all sides alike."""

import time
from collections.abc import Callable, Sequence


def processor_time() -> float:
    """Seconds that this process and its children that have ended were on a processor."""
    import resource  # not on Windows, where nothing forks

    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(it.ru_utime + it.ru_stime for it in used)


def best_of(
    sides: Sequence[Callable[[], object]],
    rounds: int,
    clock: Callable[[], float] = time.perf_counter,
) -> list[float]:
    """Seconds of each side's fastest round."""
    best = [float("inf")] * len(sides)
    for _ in range(rounds):
        for index, side in enumerate(sides):
            start = clock()
            side()
            best[index] = min(best[index], clock() - start)
    return best


def microseconds(seconds: float, count: int = 1) -> float:
    """Microseconds per piece of work."""
    return round(seconds / count * 1e6, 3)
