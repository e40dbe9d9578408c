"""The loops of a ufunc: a list, and a dict that finds them again, which the ufunc does not show."""

from itertools import islice
from typing import Any

from leakwatch.extending import type_name
from leakwatch.model import Root

LOOPS = Root("library state", "loops of a numpy ufunc")
MOST_LOOPS = 500
"""Entries of a list that are looked at: a ufunc has some dozens."""


def ufunc_loops(container: Any) -> Root | None:
    """What a list or dict is that has such a loop in it."""
    if type(container) is list:
        entries = container[:MOST_LOOPS]
    elif type(container) is dict:
        entries = [value for _, value in islice(container.items(), 1)]
    else:
        return None
    return LOOPS if any(map(is_loop, entries)) else None


def is_loop(entry: object) -> bool:
    """Whether this is a loop of numpy's with the types that it is for."""
    if type(entry) is not tuple or len(entry) != 2:
        return False
    return type_name(type(entry[1])) == "numpy._ArrayMethod"
