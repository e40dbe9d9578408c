"""How fast a noisy figure rises: Theil and Sen's estimator, with its confidence interval.

The median of the slopes between all pairs of points. Resident memory comes in pages and jumps,
and a line of least squares follows the largest jump; this estimator stands up to 29 % of wild
points. The interval is Sen's, from the distribution of Kendall's tau without ties.

Sources: H. Theil, "A rank-invariant method of linear and polynomial regression analysis", 1950;
P. K. Sen, "Estimates of the regression coefficient based on Kendall's tau", 1968.
"""

from array import array
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import combinations
from math import sqrt
from time import monotonic

from leakwatch.model import MemoryTrend

Z = 1.959964
"""Normal quantile of a two-sided interval of 95 %."""
STRETCHES = 60
"""Points nearer to each other than this part of the whole range count once: resident memory
comes in pages and arenas, so neighbours show nothing but noise. It also bounds the pairs."""
FEWEST_POINTS = 4
MOST_NAMES = 64
"""Names beyond these have no history: a name that holds a number must not fill the memory."""
MOST_POINTS = 240
"""Beyond it every second point is dropped, so that a history spans the whole time."""

Point = tuple[float, float]


def theil_sen(points: Sequence[Point], figure: str, per: str) -> MemoryTrend | None:
    """The slope through points.

    Args:
        points: x in runs or seconds, y in bytes.
        figure: what y is, for the answer.
        per: what x is: `run` or `second`.

    Returns:
        the trend; None for fewer than four points, or where all have one x.
    """
    if len(points) < FEWEST_POINTS:
        return None
    chosen = apart(points)
    slopes = sorted(
        (y2 - y1) / (x2 - x1) for (x1, y1), (x2, y2) in combinations(chosen, 2) if x1 != x2
    )
    if not slopes:
        return None
    from statistics import median  # with fractions, decimals and chance behind it

    low, high = interval(slopes, len(chosen))

    return MemoryTrend(figure, per, median(slopes), low, high, len(chosen))


def apart(points: Sequence[Point]) -> list[Point]:
    """The points without those that are near to the one before."""
    least = (points[-1][0] - points[0][0]) / STRETCHES
    chosen = [points[0]]
    for point in points[1:]:
        if point[0] - chosen[-1][0] >= least:
            chosen.append(point)
    return chosen


def interval(slopes: Sequence[float], points: int) -> tuple[float, float]:
    """The ends of the 95 % interval among the sorted slopes."""
    deviation = Z * sqrt(points * (points - 1) * (2 * points + 5) / 18)
    below = int((len(slopes) - deviation) / 2)
    above = int((len(slopes) + deviation) / 2) + 1
    return slopes[max(0, below)], slopes[min(len(slopes) - 1, above)]


@dataclass(slots=True)
class History:
    """The ends of one scope's repetitions.

    Attributes:
        runs: how many there were since the first of which figures were taken.
    """

    runs: int = 1
    at: "array[float]" = field(default_factory=lambda: array("d"))
    number: "array[int]" = field(default_factory=lambda: array("q"))
    resident: "array[int]" = field(default_factory=lambda: array("q"))

    def add(self, figures: dict[str, int]) -> None:
        """Note an end, unless `rss` is missing because that was not its turn."""
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


class Histories(dict[str, History]):
    """Of each name.

    A class of ours: a plain dict would be born, for the collector, when it gets its first value,
    in the scope that ends then.
    """

    __slots__ = ()


_histories = Histories()


def note_start(name: str) -> None:
    """Count a run, whether its figures are taken or not."""
    history = _histories.get(name)
    if history is not None:
        history.runs += 1


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
