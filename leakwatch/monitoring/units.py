"""Units of work, counted by name: what growth is divided by, and which work was done meanwhile."""

from collections import deque
from collections.abc import Mapping
from itertools import count, islice

from leakwatch.errors import shortened
from leakwatch.reports.wording import counted

MOST_NAMES = 200
"""Names that are told apart, so that a name made from a request fills nothing."""
LONGEST_NAME = 200
MOST_SHOWN = 5
OTHERS = "others"
"""What is counted under further names."""

Amounts = Mapping[str, int]
"""How many units were done, by name; those without one have the name `""`."""


class Counters(dict[str, "count[int]"]):
    """Counters by name; of a type of ours, so that no look takes it for the program's."""

    __slots__ = ()


class Done(dict[str, int]):
    """Numbers by name; of a type of ours too: from CPython 3.14 on a look sees such dicts."""

    __slots__ = ()


class Units:
    """Counts without a lock: a counter in C may be advanced by many threads at once."""

    def __init__(self) -> None:
        self._counters = Counters()
        self._asked = Done()

    def add(self, n: int, name: str) -> None:
        """Count so many units of a name."""
        counter = self._counters.get(name)
        if counter is None:
            counter = self._counter_for(name)
        deque(islice(counter, n), 0)

    def _counter_for(self, name: str) -> "count[int]":
        known = shortened(name, LONGEST_NAME)
        if known not in self._counters and len(self._counters) >= MOST_NAMES:
            known = OTHERS
        return self._counters.setdefault(known, count())

    def so_far(self) -> Done:
        """What was counted, by name; two threads may not ask at once."""
        found = Done()
        for name, counter in list(self._counters.items()):
            asked = self._asked.get(name, 0)
            # A counter tells its number only by advancing.
            found[name] = next(counter) - asked
            self._asked[name] = asked + 1
        return found


def difference(before: Amounts, after: Amounts) -> dict[str, int]:
    """What was done between two looks, by name; names with nothing are left out."""
    found = {name: number - before.get(name, 0) for name, number in after.items()}
    return {name: number for name, number in found.items() if number}


def told(done: Amounts) -> str | None:
    """The units of work in words, most frequent names first; None where none has a name."""
    named = sorted(filter(None, done), key=lambda name: (-done[name], name))
    if not named:
        return None
    shown = [f"{done[name]:,} {name}" for name in named[:MOST_SHOWN]]
    more = f" and {len(named) - MOST_SHOWN} more names" if len(named) > MOST_SHOWN else ""
    return f"{counted(sum(done.values()), 'unit')} of work: {', '.join(shown)}{more}"
