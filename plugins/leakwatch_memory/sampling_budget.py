"""A reading that costs more in a larger process, kept to a share of the time."""

from collections.abc import Callable
from time import perf_counter
from typing import TypeVar

T = TypeVar("T")


class Ration:
    """Lets a reading take at most a share of the time that passes.

    A fixed limit would lose the figure exactly in the large processes that need it; a share
    keeps it there for work that lasts, and keeps it away from short work everywhere. Time
    that is not used is saved up, so that the few scopes of a quiet program have the figure
    at both ends however short they are.

    Args:
        share: of the time, between 0 and 1.
        saved: seconds of reading that can be saved up.
        clock: gives the time in seconds.
    """

    __slots__ = ("_clock", "_due", "_saved", "_share")

    def __init__(
        self, share: float, saved: float = 0.0, clock: Callable[[], float] = perf_counter
    ) -> None:
        self._share = share
        self._saved = saved
        self._clock = clock
        self._due = float("-inf")

    def take(self, read: Callable[[], T]) -> T | None:
        """The reading, or None while earlier ones have used up the share."""
        began = self._clock()
        if began < self._due:
            return None
        try:
            return read()
        finally:
            ended = self._clock()
            credited = max(self._due, ended - self._saved / self._share)
            self._due = credited + (ended - began) / self._share
