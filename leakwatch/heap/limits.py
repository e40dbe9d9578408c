"""Budgets of a walk: how many objects and how many seconds."""

from dataclasses import dataclass

from leakwatch.interpreter import monotonic

CHECK_EVERY = 4096
"""Objects between two looks at the clock."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How much a walk may do before it returns a partial result.

    Attributes:
        objects: most objects to visit.
        seconds: longest time to walk, in seconds.
    """

    objects: int = 50_000_000
    seconds: float = 60.0

    def countdown(self) -> "Countdown":
        """A running budget that starts now."""
        return Countdown(self)


class Countdown:
    """A budget being spent; asks the clock only now and then."""

    __slots__ = ("_calls", "_deadline", "_limits", "reason")

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._deadline = monotonic() + limits.seconds
        self._calls = 0
        self.reason = ""

    def spent(self, objects: int) -> bool:
        """Whether the budget is used up; `reason` then says which part of it."""
        if objects > self._limits.objects:
            self.reason = f"stopped after visiting {self._limits.objects:,} objects"
            return True
        self._calls += 1
        if self._calls % CHECK_EVERY == 0 and monotonic() > self._deadline:
            self.reason = f"stopped after {self._limits.seconds:g} seconds"
            return True
        return False
