"""A share of the time that passes, for what must not take more of it."""

from collections.abc import Callable
from time import perf_counter
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

    Attributes:
        due: the time from which on there may be a reading again.
    """

    __slots__ = ("_clock", "_saved", "_share", "due")

    def __init__(
        self, share: float, saved: float = 0.0, clock: Callable[[], float] = perf_counter
    ) -> None:
        self._share = share
        self._saved = saved
        self._clock = clock
        self.due = float("-inf")

    def take(self, read: Callable[[], T]) -> T | None:
        """The reading, or None while earlier ones have used up the share."""
        began = self._clock()
        return self._charged(read, began) if began >= self.due else None

    def charge(self, read: Callable[[], T]) -> T:
        """The reading in any case; the next one waits the longer for it."""
        return self._charged(read, self._clock())

    def _charged(self, read: Callable[[], T], began: float) -> T:
        try:
            return read()
        finally:
            ended = self._clock()
            credited = max(self.due, ended - self._saved / self._share)
            self.due = credited + (ended - began) / self._share
