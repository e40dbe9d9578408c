"""What is asked of a whole column before it is believed; `_bounds_native.c` says the same in C."""

from collections.abc import Sequence
from itertools import pairwise

from leakwatch.snapshots.native import native

Numbers = Sequence[int]


def largest_in(column: Numbers) -> int:
    """The largest number of a column, 0 of none; in pure Python: the definition of correct."""
    return max(column, default=0)


def is_rising(column: Numbers) -> bool:
    """Whether no number is smaller than the one before it; in pure Python."""
    return all(one <= next_ for one, next_ in pairwise(column))


def has_any_between(column: Numbers, low: int, high: int) -> bool:
    """Whether a number is at least the one and below the other; in pure Python."""
    return any(low <= number < high for number in column)


largest = native.largest if native else largest_in
rises = native.rises if native else is_rising
any_between = native.any_between if native else has_any_between
