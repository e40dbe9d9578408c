"""Budgets of a walk: how many objects and how many seconds."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import IntEnum
from typing import TypeVar

from leakwatch.interpreter import monotonic

T = TypeVar("T")

CHECK_EVERY = 4096
"""Objects between two looks at the clock."""
MOST_HOLDERS = 3
"""Holders of a leaf that are noted, beside the first; the native walk knows the number."""


PART_OF_WALK = 0.75
"""Part of the time that is left for a walk: what is found must be named as well."""


class Spent(IntEnum):
    """What a walk had used up when it stopped early; the native walk knows the numbers."""

    NOTHING = 0
    OBJECTS = 1
    SECONDS = 2
    MEMORY = 3


@dataclass(frozen=True, slots=True)
class Limits:
    """How much a walk may do before it returns a partial result.

    Attributes:
        objects: most objects to visit.
        seconds: longest time to walk, in seconds.
    """

    objects: int = 50_000_000
    seconds: float = 60.0

    def reason(self, spent: int) -> str | None:
        """Why a result is partial; None if it is not."""
        return {
            Spent.OBJECTS: f"stopped after visiting {self.objects:,} objects (max_objects)",
            Spent.SECONDS: f"stopped after {self.seconds:g} seconds (max_seconds)",
            Spent.MEMORY: "stopped because there was no memory left for the walk",
        }.get(Spent(spent))


class Deadline:
    """When an analysis has to end: its walks and all that is told of what they reach.

    Args:
        seconds: from now on.

    Attributes:
        passed: whether something was left out because it has passed.
    """

    __slots__ = ("_until", "passed")

    def __init__(self, seconds: float) -> None:
        self._until = monotonic() + seconds
        self.passed = False

    def for_a_walk(self) -> float:
        """Seconds that a walk which begins now may take."""
        return max(0.0, self._until - monotonic()) * PART_OF_WALK

    def cut(self, parts: Iterable[T]) -> Iterator[T]:
        """As many of the parts as there is time for; the first one in any case."""
        begun = False
        for part in parts:
            if begun and monotonic() > self._until:
                self.passed = True
                return
            begun = True
            yield part
