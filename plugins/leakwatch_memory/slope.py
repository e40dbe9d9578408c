"""The slope of a noisy figure: Theil and Sen's estimator, with its confidence interval.

The median of the slopes between all pairs of points. Resident memory comes in pages and jumps,
and a line of least squares follows the largest jump; this estimator stands up to 29 % of wild
points. The interval is Sen's, from the distribution of Kendall's tau without ties.

Sources: H. Theil, "A rank-invariant method of linear and polynomial regression analysis", 1950;
P. K. Sen, "Estimates of the regression coefficient based on Kendall's tau", 1968.
"""

from collections.abc import Sequence
from itertools import combinations
from math import sqrt
from statistics import median

from leakwatch.model import MemoryTrend

Z = 1.959964
"""Normal quantile of a two-sided interval of 95 %."""
STRETCHES = 60
"""Points nearer to each other than this part of the whole range count once: resident memory
comes in pages and arenas, so neighbours tell nothing but noise. It also bounds the pairs."""
FEWEST_POINTS = 4

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
