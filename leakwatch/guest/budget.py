"""A share of the time that passes, for what must not take more of it."""

from collections.abc import Callable
from time import perf_counter, thread_time
from typing import TypeVar

T = TypeVar("T")


class Budget:
    """Lets a reading take at most a share of the time that passes.

    A fixed limit would lose the figure exactly in the large processes that need it; a share
    keeps it there for work that lasts, and keeps it away from short work everywhere. Time
    that is not used is saved up, so that the few scopes of a quiet program have the figure
    at both ends however short they are.

    Args:
        share: of the time, between 0 and 1.
        saved: seconds of reading that can be saved up.
        clock: gives the time in seconds.
        spent: gives the seconds that this thread has worked: where many processes share the
            machine, a reading takes no more of it for having waited.

    Attributes:
        due: the time from which on there may be a reading again.
    """

    __slots__ = ("_clock", "_saved", "_share", "_spent", "due")

    def __init__(
        self,
        share: float,
        saved: float = 0.0,
        clock: Callable[[], float] = perf_counter,
        spent: Callable[[], float] = thread_time,
    ) -> None:
        self._share = share
        self._saved = saved
        self._clock = clock
        self._spent = spent
        self.due = float("-inf")

    def take(self, read: Callable[[], T]) -> T | None:
        """The reading, or None while earlier ones have used up the share."""
        return self.charge(read) if self._clock() >= self.due else None

    def charge(self, read: Callable[[], T]) -> T:
        """The reading in any case; the next one waits the longer for it."""
        before = self._spent()
        try:
            return read()
        finally:
            took = self._spent() - before
            credited = max(self.due, self._clock() - self._saved / self._share)
            self.due = credited + took / self._share
