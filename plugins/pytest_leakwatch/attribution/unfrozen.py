"""A page without a window, for tests that use the collector themselves.

Nothing is frozen, so the collector answers such a test as it would without us. What was born in
the page is told by comparing two lists of the whole heap, which takes as long as one or two
collections. It misses an object of the same type at the address of one that died in the page.
"""

from itertools import compress
from operator import ne

from leakwatch.integration import get_objects


class Unfrozen:
    """Stands in for a window, from its construction until `close`.

    Attributes:
        whole: false once a look has not found this object itself: somebody has frozen the heap.
    """

    __slots__ = ("_before", "whole")

    def __init__(self) -> None:
        self.whole = True
        there = get_objects()
        self._before = dict(zip(map(id, there), map(id, map(type, there)), strict=True))
        there.clear()
        self._before[id(self)] = id(Unfrozen)
        self._before[id(self._before)] = id(dict)

    def newborn(self) -> list[object]:
        """The objects born since that the collector knows; borrowed, to be cleared."""
        there = get_objects()
        self.whole = id(self) in map(id, there)
        kinds = map(id, map(type, there))
        found = list(compress(there, map(ne, map(self._before.get, map(id, there)), kinds)))
        there.clear()
        return found

    def close(self) -> None:
        """Forget what was there."""
        self._before.clear()
