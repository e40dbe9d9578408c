"""The test that runs now, and the registry that takes what it registers."""

from dataclasses import dataclass, field

import pytest

from leakwatch.integration import Registry
from pytest_leakwatch.attribution.owners import Owner
from pytest_leakwatch.verdict.markers import Request
from pytest_leakwatch.verdict.selection import Choice

SHOWN = pytest.StashKey[list[None]]()


def show_stash(item: pytest.Item) -> None:
    """Put the dict behind an item's stash on the collector's list before the test's page opens.

    Until CPython 3.13 a dict is on that list from the first entry on that the collector may have to
    follow, so it looks as if it were born then: in every test, when pytest notes its log records.
    """
    item.stash[SHOWN] = []
    del item.stash[SHOWN]


@dataclass(slots=True, eq=False, repr=False)
class Running:
    """The test that runs now; a rerun of the same test is another one.

    Attributes:
        owner: the test, or the run of it that is at work.
        registry: takes what the test registers.
        made: every run so far with its registry; the last one is at work.
        choice: what else of the newborn is judged.
        request: what the test itself asks for; None if nothing.
        grace: seconds to wait at the most.
        broken: pages that were broken before it began.
        outcome: why it is not judged, or empty.
        unfrozen: whether it ran without a window, at its end at least.
        repeated: runs that count, where its function is called again in place.
    """

    owner: Owner
    registry: Registry
    choice: Choice
    request: Request | None
    grace: float
    broken: int
    outcome: str = ""
    unfrozen: bool = False
    repeated: int = 0
    made: list[tuple[Owner, Registry]] = field(default_factory=list)

    @property
    def at_once(self) -> bool:
        """Whether it is judged as soon as it ends."""
        return self.request is not None


def opened(name: str) -> Registry:
    """A new registry that takes what is registered from now on."""
    registry = Registry(name)
    registry.enter()
    return registry
