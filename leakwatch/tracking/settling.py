"""Bringing the heap to rest before anything is accused.

The stages are those of goleak and LeakCanary: check, collect, check, wait a little longer
each time. Waiting helps only where something else is running, so a process with one thread
and no event loop does not wait unless it was asked to.
"""

from collections.abc import Callable, Generator

from leakwatch.guest.collector import collect as collect_all
from leakwatch.guest.collector import collect_young
from leakwatch.interpreter import active_thread_count, monotonic, sleep
from leakwatch.model import Settling

COLLECTIONS = 3
"""Objects with finalizers may need a second full collection, their holders a third."""
FIRST_WAIT = 0.001
OTHERS_WAIT = 0.05
"""Seconds given to other threads and tasks that are just finishing."""


def stages(
    alive: Callable[[], bool], grace: float, *, others: bool, collecting: bool
) -> Generator[float, None, Settling]:
    """Collect and check; yields the seconds to wait before the next check, returns what was done.

    Args:
        alive: whether something is still there.
        grace: seconds to wait for it at the most.
        others: whether threads or tasks run that could let go of it meanwhile.
        collecting: whether the whole heap may be collected, which stops all threads; else
            only the young generations are, which takes no time.
    """
    collect = collect_all if collecting else collect_young
    collections, waited, wait = 0, 0.0, FIRST_WAIT
    for _ in range(COLLECTIONS):
        if not alive():
            return Settling(collections)
        collections += 1
        if not collect():
            break  # nothing was unreachable, so another one would find nothing either
        yield 0.0
    deadline = monotonic() + (max(grace, OTHERS_WAIT) if others else grace)
    while alive() and (left := deadline - monotonic()) > 0:
        wait = min(wait, left)
        yield wait
        waited += wait
        wait *= 2
    if waited and collecting and alive():
        collect_all()
        collections += 1
    return Settling(collections, round(waited, 3))


def settle(alive: Callable[[], bool], grace: float = 0.0, *, collecting: bool = True) -> Settling:
    """Settle the heap from ordinary code.

    Args:
        alive: whether something is still there; nothing is done once it says no.
        grace: seconds to wait for it at the most.
        collecting: whether the whole heap may be collected, or only what is young.

    Returns:
        what was done.
    """
    waits = stages(alive, grace, others=active_thread_count() > 1, collecting=collecting)
    while True:
        try:
            wait = next(waits)
        except StopIteration as done:
            return done.value  # type: ignore[no-any-return]
        if wait:
            sleep(wait)


async def settle_async(
    alive: Callable[[], bool], grace: float = 0.0, *, collecting: bool = True
) -> Settling:
    """Settle the heap from a coroutine: other tasks run between its steps."""
    import asyncio

    await asyncio.sleep(0)
    waits = stages(alive, grace, others=True, collecting=collecting)
    while True:
        try:
            wait = next(waits)
        except StopIteration as done:
            return done.value  # type: ignore[no-any-return]
        await asyncio.sleep(wait)
