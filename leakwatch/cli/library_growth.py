"""Which classes of installed packages have more and more objects while a program runs.

At the end of a program its libraries hold thousands of objects by design: what imports define, what
is configured once. So presence proves nothing, and growth does: of the same class, from look to
look, to the end. Looks are taken after collections of the garbage collector, seldom enough to cost
little. Between two looks in which a module was imported nothing counts, for imports make objects.
"""

import sys
from collections.abc import Sequence
from itertools import pairwise

from leakwatch.diagnosis.distributions import declaring, package_of
from leakwatch.growth.own_notes import Ids, Notes
from leakwatch.guest.collector import get_objects, hear_collections, hear_no_more
from leakwatch.heap.graph import census
from leakwatch.heap.objects import inherits, module_name
from leakwatch.heap.provenance import is_installed_module
from leakwatch.interpreter import monotonic

INTERVAL = 0.02
"""Seconds between two looks at the beginning; doubled whenever there are too many looks."""
MOST_LOOKS = 64
COST = 20
"""Between two looks passes so many times what one takes: 5 % of the time, less in a long run."""
NUMEROUS = 100
"""Objects of one class of a package that must have come in the course of the looks."""
SOME = 5
"""And of each further class of that package."""
SECONDS = 0.5
"""For so long they must have come: a document that is parsed at once brings thousands."""
PARTS = 3
"""Stretches of the looks in each of which objects must have come, and as many in the last."""


class Look(Notes[int]):
    """Objects by the id of their class, of those that come from installed packages.

    Attributes:
        at: monotonic time.
        modules: how many were loaded.
    """

    __slots__ = ("at", "modules")
    at: float
    modules: int


class Looks(list[Look]):
    """A class of leakwatch, so that it is none of the newborn."""

    __slots__ = ()


class LibraryGrowth:
    """Looks at a program from `start` to `finish`; is itself the callback of the collector."""

    __slots__ = ("_due", "_installed", "_interval", "_looks")

    def __init__(self) -> None:
        self._looks = Looks()
        self._installed = Notes[bool]()
        self._interval = INTERVAL
        self._due = 0.0

    def __repr__(self) -> str:
        """Seen in `gc.callbacks` by a program that looks there."""
        return "<leakwatch: classes of packages that grow>"

    def start(self) -> None:
        """Look from now on."""
        hear_collections(self)

    def finish(self) -> None:
        """Look no more; a last look would find an idle end, and not what the work does."""
        hear_no_more(self)

    def __call__(self, phase: str, info: object) -> None:
        """Hears of each collection."""
        if phase == "stop" and monotonic() >= self._due:
            self._look()

    def _look(self) -> None:
        began = monotonic()
        look = Look()
        everything = get_objects()
        look.update((id(cls), number) for cls, number in census(everything) if self._counts(cls))
        everything.clear()
        look.at, look.modules = began, len(sys.modules)
        self._looks.append(look)
        now = monotonic()
        interval = max(self._interval, (now - began) * COST)
        if len(self._looks) > MOST_LOOKS:
            del self._looks[1::2]
            interval = self._interval = 2 * interval
        self._due = now + interval

    def _counts(self, cls: type) -> bool:
        answer = self._installed.get(id(cls))
        if answer is None:
            answer = self._installed[id(cls)] = is_of_a_package(cls)
        return answer

    def growing_types(self, born: list[object]) -> Ids:
        """Ids of the classes whose objects came early, late, and in between.

        Where one class of a package is numerous, the others are told that grow beside it: what a
        person knows is one frame a day, and not the five blocks in it.

        Args:
            born: what was born since the program began; read, not kept.
        """
        kinds = [cls for cls, _ in census(born) if is_of_a_package(cls)]
        calm = [it for it in pairwise(self._looks) if it[0].modules == it[1].modules]
        came = [(cls, package_of(module_name(cls)), came_of(cls, calm)) for cls in kinds]
        numerous = {package for _, package, number in came if number >= NUMEROUS}
        return Ids(
            id(cls) for cls, package, number in came if number >= SOME and package in numerous
        )


def came_of(cls: type, calm: Sequence[tuple[Look, Look]]) -> int:
    """How many objects of a class came; 0 unless they came in each part of the time.

    Args:
        cls: any.
        calm: looks in a row, between which no module was imported.
    """
    more = [max(0, after.get(id(cls), 0) - before.get(id(cls), 0)) for before, after in calm]
    times = (after.at - before.at for before, after in calm)
    if sum(time for time, number in zip(times, more, strict=True) if number) < SECONDS:
        return 0
    parts = [0] * PARTS
    for at, number in enumerate(more):
        parts[at * PARTS // len(more)] += number
    lasts = all(parts) and parts[-1] * 2 * PARTS >= sum(parts)
    return sum(parts) if lasts else 0


def is_of_a_package(cls: type) -> bool:
    """Whether a class, which is no metaclass, was defined in an installed package."""
    return not inherits(cls, type) and is_installed_module(module_name(cls))


def distribution_of(type_name: str) -> str:
    """The distribution that has a class, with its version: `prometheus-client 0.17.1`.

    Args:
        type_name: `module.qualname` of the class.
    """
    package = package_of(type_name)
    return declaring(package) or package
