"""Budgets of a walk: how many objects and how many seconds."""

from dataclasses import dataclass
from enum import IntEnum

CHECK_EVERY = 4096
"""Objects between two looks at the clock."""
MOST_HOLDERS = 3
"""Holders of a leaf that are noted, beside the first; the native walk knows the number."""


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
