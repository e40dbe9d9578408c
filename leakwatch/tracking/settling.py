"""Bringing the heap to rest before anything is accused.

The stages are those of goleak and LeakCanary: look, collect, look, wait a little longer
each time. Waiting helps only where something else is running, so a process with one thread
and no event loop does not wait unless it was asked to.
"""

from collections.abc import Callable, Iterator

from leakwatch.guest.collector import collect as collect_all
from leakwatch.guest.collector import collect_young
from leakwatch.interpreter import active_thread_count, monotonic, sleep
from leakwatch.model import Settling

COLLECTIONS = 3
"""Objects with finalizers may need a second full collection, their holders a third."""
FIRST_WAIT = 0.001
OTHERS_WAIT = 0.05
"""Seconds given to other threads and tasks that are just finishing."""


class Settler:
    """The stages, as a generator of waits, so that threads and event loops share them."""

    __slots__ = ("_alive", "_collecting", "_collections", "_grace", "_waited")

    def __init__(
        self, alive: Callable[[], bool], grace: float, *, company: bool, collecting: bool = True
    ) -> None:
        """Prepare to settle.

        Args:
            alive: whether something is still there.
            grace: seconds to wait for it at the most.
            company: whether an event loop runs that could let go of it meanwhile.
            collecting: whether the whole heap may be collected, which stops all threads; else
                only the young generations are, which takes no time.
        """
        self._alive = alive
        self._collecting = collecting
        self._grace = grace
        if company or active_thread_count() > 1:
            self._grace = max(grace, OTHERS_WAIT)
        self._collections = 0
        self._waited = 0.0

    def waits(self) -> Iterator[float]:
        """Collect and look; yields the seconds to wait before the next look."""
        collect = collect_all if self._collecting else collect_young
        for _ in range(COLLECTIONS):
            if not self._alive():
                return
            self._collections += 1
            if not collect():
                break  # nothing was unreachable, so another one would find nothing either
            yield 0.0
        wait = FIRST_WAIT
        deadline = monotonic() + self._grace
        while self._alive() and (left := deadline - monotonic()) > 0:
            wait = min(wait, left)
            yield wait
            self._waited += wait
            wait *= 2
        if self._waited and self._collecting and self._alive():
            collect_all()
            self._collections += 1

    def result(self) -> Settling:
        """What was done."""
        return Settling(self._collections, round(self._waited, 3))


def settle(alive: Callable[[], bool], grace: float = 0.0, *, collecting: bool = True) -> Settling:
    """Settle the heap from ordinary code.

    Args:
        alive: whether something is still there; nothing is done once it says no.
        grace: seconds to wait for it at the most.
        collecting: whether the whole heap may be collected, or only what is young.

    Returns:
        what was done.
    """
    settler = Settler(alive, grace, company=False, collecting=collecting)
    for wait in settler.waits():
        if wait:
            sleep(wait)
    return settler.result()


async def settle_async(
    alive: Callable[[], bool], grace: float = 0.0, *, collecting: bool = True
) -> Settling:
    """Settle the heap from a coroutine: other tasks run between its steps."""
    import asyncio

    await asyncio.sleep(0)
    settler = Settler(alive, grace, company=True, collecting=collecting)
    for wait in settler.waits():
        await asyncio.sleep(wait)
    return settler.result()
