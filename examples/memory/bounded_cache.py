"""A cache with a bound: it fills, and then it stops growing. That is no leak.

`leakwatch hunt bounded_cache:work` in this folder: the verdict is *not growing*.
"""

from functools import lru_cache
from itertools import count

NUMBERS = count()


@lru_cache(maxsize=20)
def page(number):
    """A page of a hundred thousand bytes."""
    return bytes(b"x" * 100_000)


def work():
    """Look at the next page."""
    page(next(NUMBERS))
