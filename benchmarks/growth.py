"""How a cost grows: the exponent of a power of the size that fits the last two rows."""

from collections.abc import Iterable, Sequence
from math import log
from typing import Any


def exponents(rows: Sequence[dict[str, Any]], size: str, costs: Iterable[str]) -> list[str]:
    """A line for each cost; 1 is linear, 0 does not grow.

    Args:
        rows: with growing sizes.
        size: the column of the size.
        costs: columns of figures above 0.
    """
    if len(rows) < 2:
        return []
    small, large = rows[-2:]
    times = log(large[size] / small[size])
    found = {cost: log(large[cost] / small[cost]) / times for cost in costs}
    return [f"  grows as {size} ** {power:.2f}: {cost}" for cost, power in found.items()]
