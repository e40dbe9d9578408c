"""Whether something rises from look to look, robustly: work in flight goes up and down.

After Mann and Kendall, and after Theil and Sen: each look is compared with each later one, so one
look in the midst of much work decides nothing.
"""

from collections.abc import Mapping, Sequence
from itertools import combinations
from statistics import median

LEAST_TREND = 0.6
"""How many more of all pairs of looks go up than down, as a share, where something rises."""


def rises(counts: Sequence[int]) -> bool:
    """Whether numbers go up, from the first look to the last and throughout.

    What has filled goes up in the first half only.
    """
    if not counts or counts[-1] <= max(counts[0], counts[len(counts) // 2]):
        return False
    pairs = list(combinations(counts, 2))
    trend = sum((after > before) - (after < before) for before, after in pairs)
    return trend >= LEAST_TREND * len(pairs)


def slope(times: Sequence[float], counts: Sequence[float]) -> float:
    """By how much numbers go up in a second: the median of the slopes of all pairs of looks."""
    points = zip(times, counts, strict=True)
    slopes = [
        (after - before) / (later - earlier)
        for (earlier, before), (later, after) in combinations(points, 2)
        if later > earlier
    ]
    return median(slopes) if slopes else 0.0


def rising(looks: Sequence[Mapping[int, int]]) -> frozenset[int]:
    """The types that rise, by id.

    Args:
        looks: the number of objects by the id of their type, at each look.
    """
    last = looks[-1] if looks else {}
    return frozenset(kind for kind in last if rises([look.get(kind, 0) for look in looks]))
