"""The test that runs now, and the scope that takes what it registers."""

from dataclasses import dataclass, field

import pytest

from leakwatch.integration import Case, Scope
from leakwatch.model import Leak, MemoryGrowth, Settling
from leakwatch.report import Report
from pytest_leakwatch.attribution.owners import Owner
from pytest_leakwatch.settings import Settings
from pytest_leakwatch.verdict.markers import Request
from pytest_leakwatch.verdict.selection import Choice, FirstParty

SHOWN = pytest.StashKey[list[None]]()


def show_stash(item: pytest.Item) -> None:
    """Put the dict behind an item's stash on the collector's list before the test's page opens.

    Until CPython 3.13 a dict is on that list from the first entry on that the collector may have to
    follow, so it looks as if it were born then: in every test, when pytest notes its log records.
    """
    item.stash[SHOWN] = []
    del item.stash[SHOWN]


class NoHost:
    """The host of the scope that is open during a test: only the suite judges it."""

    def open(self, name: str, *, thorough: bool = False, sampled: bool = True) -> dict[str, int]:
        """No plugin is told of each test: that would cost more than the test."""
        return {}

    def figures(self, start: dict[str, int], *, thorough: bool = False) -> MemoryGrowth | None:
        """None."""
        return None

    def progress(self, said: str) -> None:
        pass

    def garbage(self, case: Case) -> tuple[Leak, ...]:
        """None: this is asked of scopes that report cycles."""
        return ()

    def conclude(self, case: Case) -> Report:
        """Nothing is judged here."""
        return Report(case.name)

    def acquit(
        self,
        name: str,
        settling: Settling,
        memory: MemoryGrowth | None,
        notes: tuple[str, ...],
    ) -> Report:
        """Nothing is told either."""
        return Report(name)


@dataclass(slots=True, eq=False, repr=False)
class Running:
    """The test that runs now; a rerun of the same test is another one.

    Attributes:
        owner: the test, or the run of it that is at work.
        scope: takes what the test registers.
        made: every run so far with its scope; the last one is at work.
        choice: what else of the newborn is judged.
        request: what the test itself asks for; None if nothing.
        grace: seconds to wait at the most.
        broken: pages that were broken before it began.
        outcome: why it is not judged, or empty.
        unfrozen: whether it ran without a window, at its end at least.
        repeated: runs that count, where its function is called again in place.
    """

    owner: Owner
    scope: Scope
    choice: Choice
    request: Request | None
    grace: float
    broken: int
    outcome: str = ""
    unfrozen: bool = False
    repeated: int = 0
    made: list[tuple[Owner, Scope]] = field(default_factory=list)

    @property
    def at_once(self) -> bool:
        """Whether it is judged as soon as it ends."""
        return self.request is not None


def opened(name: str) -> Scope:
    """A scope that takes registered objects from now on."""
    scope = Scope(
        name, discover=False, types=None, on_leak=None, grace=0.0, work=False, host=NoHost()
    )
    scope.begin()
    scope.enter()
    return scope


def wanted_by(
    request: Request | None, settings: Settings, choice: Choice, ours: FirstParty
) -> tuple[Choice, float]:
    """What is judged of a test, and the seconds to wait at the most.

    Args:
        request: of the test itself.
        settings: of the run.
        choice: of the run.
        ours: what belongs to the project.
    """
    grace = settings.grace if request is None or request.grace is None else request.grace
    if request is not None and request.track is not None:
        choice = Choice(request.track, settings.ignore, ours)
    return choice, grace
