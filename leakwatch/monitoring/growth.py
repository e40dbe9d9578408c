"""Whether something rises from look to look, robustly: work in flight goes up and down.

After Mann and Kendall, and after Theil and Sen: each look is compared with each later one, so one
look in the midst of much work decides nothing.
"""

from collections.abc import Mapping, Sequence
from itertools import combinations
from statistics import median

from leakwatch.growth.survivors_per_run import keeps_growing

LEAST_TREND = 0.6
"""How many more of all pairs of looks go up than down, as a share, where something rises."""
QUARTERS = 4
"""Parts of the time in each of which survivors must have come."""
FEW_BEFORE = 20
"""One of so many survivors may have come before the growth began."""


def rises(counts: Sequence[int]) -> bool:
    """Whether numbers go up, from the first look to the last and throughout.

    What has filled goes up in the first half only.
    """
    if not counts or counts[-1] <= max(counts[0], counts[len(counts) // 2]):
        return False
    pairs = list(combinations(counts, 2))
    trend = sum((after > before) - (after < before) for before, after in pairs)
    return trend >= LEAST_TREND * len(pairs)


def grows_since_it_began(ages: Sequence[int], parts: int) -> bool:
    """Whether survivors come from all the time, or from all of its second half at least.

    What a process does changes: a leak may begin with the first request of a kind. A few that came
    long before are left aside.

    Args:
        ages: of the survivors: in which part of the time each of them came.
        parts: how many parts the time has, of the same length.
    """
    if keeps_growing(ages, parts, min(QUARTERS, parts)):
        return True
    began = sorted(ages)[len(ages) // FEW_BEFORE]
    left = parts - began
    later = [it - began for it in ages if it >= began]
    return 2 * left >= parts and left > QUARTERS and keeps_growing(later, left)


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
