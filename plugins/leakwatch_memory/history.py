"""The figures at the end of repeated scopes, name by name, for the trend over all of them."""

from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field
from time import monotonic

from leakwatch.model import MemoryTrend
from leakwatch_memory.slope import Point, theil_sen

MOST_NAMES = 64
"""Names beyond these have no history: a name that holds a number must not fill the memory."""
MOST_POINTS = 240
"""Beyond it every second point is dropped, so that a history spans the whole time."""


@dataclass(slots=True)
class History:
    """The ends of one scope's repetitions.

    Attributes:
        runs: how often it ended.
    """

    runs: int = 0
    at: "array[float]" = field(default_factory=lambda: array("d"))
    number: "array[int]" = field(default_factory=lambda: array("q"))
    resident: "array[int]" = field(default_factory=lambda: array("q"))

    def add(self, figures: dict[str, int]) -> None:
        """Note an end; one without `rss`, because that was not its turn, counts as a run."""
        self.runs += 1
        resident = figures.get("rss")
        if resident is None:
            return
        if len(self.at) >= MOST_POINTS:
            self.at, self.number, self.resident = self.at[::2], self.number[::2], self.resident[::2]
        self.at.append(monotonic())
        self.number.append(self.runs)
        self.resident.append(resident)

    def trends(self) -> tuple[MemoryTrend, ...]:
        """The slope of `rss` per run and per second, over the later half."""
        return tuple(
            trend
            for points, per in ((self.late(self.number), "run"), (self.late(self.at), "second"))
            if (trend := theil_sen(points, "rss", per)) is not None
        )

    def late(self, places: "array[int] | array[float]") -> list[Point]:
        """The later half: what fills up and stops has stopped by then."""
        points = [(float(x), float(y)) for x, y in zip(places, self.resident, strict=True)]
        return points[len(points) // 2 :]


_histories: dict[str, History] = {}


def note_end(name: str, figures: dict[str, int]) -> None:
    """Note the figures at the end of a scope."""
    history = _histories.get(name)
    if history is None:
        if len(_histories) >= MOST_NAMES:
            return
        history = _histories[name] = History()
    history.add(figures)


def trends_of(name: str) -> tuple[MemoryTrend, ...]:
    """How the process grows over all scopes of a name, per run and per second.

    Args:
        name: of the scopes.

    Returns:
        none before eight scopes of that name had their figures taken.
    """
    history = _histories.get(name)
    return history.trends() if history is not None else ()


def names() -> Iterator[str]:
    """Names of the scopes that have a history."""
    yield from _histories
