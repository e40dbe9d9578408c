"""The test that runs now, and the scope that takes what it registers."""

from dataclasses import dataclass

from leakwatch.integration import Case, Scope
from leakwatch.model import Leak, MemoryGrowth, Settling
from leakwatch.report import Report
from pytest_leakwatch.judging import Test
from pytest_leakwatch.selection import Choice


class NoHost:
    """The host of the scope that is open during a test: only the suite judges it."""

    def open(self, name: str, *, thorough: bool = False) -> dict[str, int]:
        """No plugin is told of each test: that would cost more than the test."""
        return {}

    def figures(self, start: dict[str, int], *, thorough: bool = False) -> MemoryGrowth | None:
        """None."""
        return None

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
        test: what stays known of it when it is over.
        scope: takes what the test registers.
        choice: what else of the newborn is judged.
        grace: seconds to wait at the most.
        at_once: whether it is judged as soon as it ends.
        outcome: why it is not judged, or empty.
        wider: how many fixtures of wider scope are being set up.
        left: whether something of it was alive when a page was closed.
    """

    test: Test
    scope: Scope
    choice: Choice
    grace: float
    at_once: bool
    outcome: str = ""
    wider: int = 0
    left: bool = False
