"""One judgement: settle, and walk only if something of the owners is still there."""

from collections.abc import Iterable
from types import FrameType

from leakwatch.integration import OwnCode, settle
from leakwatch.report import Report
from pytest_leakwatch.attribution.ledger import Ledger
from pytest_leakwatch.attribution.owners import Owner, Owners
from pytest_leakwatch.attribution.survivors import Survivors
from pytest_leakwatch.verdict.findings import NAME, Findings
from pytest_leakwatch.verdict.judge import DOOM, Evidence, Judge


class Judgement:
    """Judges owners as often as it is asked.

    Args:
        ledger: knows who imported what.
        survivors: what is still there.
        own_code: of the project.

    Attributes:
        allowances: how many leaks each allowance of a judged test was good for.
        confirmed: node ids of what was run again at the end, to confirm what the first run left.
        set_up: the variables that the setup of a test class or module has set.
    """

    def __init__(self, ledger: Ledger, survivors: Survivors, own_code: OwnCode) -> None:
        self._ledger = ledger
        self._survivors = survivors
        self._own_code = own_code
        self._runs: dict[str, int] = {}
        self.allowances: dict[str, int] = {}
        self.confirmed: set[str] = set()
        self.set_up: set[str] = set()

    def note_runs(self, nodeid: str, runs: int) -> None:
        """A test or a fixture has had so many runs that count."""
        self._runs[nodeid] = max(runs, self._runs.get(nodeid, 0))

    def note_allowances(self, owner: Owner) -> None:
        """A test was judged; its allowances are wanted, or stale."""
        for allowance in owner.allowances:
            self.allowances.setdefault(str(allowance), 0)

    def of(
        self, owners: Owners, grace: float, asking: FrameType | None, *, everything: bool
    ) -> Findings:
        """What `counted` finds."""
        return self.counted(owners, grace, asking, everything=everything)[0]

    def counted(
        self, owners: Owners, grace: float, asking: FrameType | None, *, everything: bool
    ) -> tuple[Findings, int]:
        """Judge what some owners left behind; the ledger is closed.

        Args:
            owners: by number.
            grace: seconds to wait at the most for what is still there.
            asking: innermost frame of the test, where a test itself asks.
            everything: whether all that was born is judged, not only chosen classes.

        Returns:
            what was found, and how many objects were there.
        """
        numbers = frozenset(owners)
        alive = 0

        def look() -> bool:
            nonlocal alive
            alive = self._survivors.count(numbers)
            return alive > 0

        settling = settle(look, grace)
        if settling.waited:
            look()  # there was one more collection
        if not alive:
            return Findings(Report(NAME, settling=settling)), 0
        evidence = Evidence(
            survivors=lambda: self._survivors.borrowed(numbers),
            owners=self._survivors.owners(numbers),
            births=self._survivors.registrations(numbers),
            asking=asking,
            settling=settling,
            everything=everything,
        )
        judge = Judge(
            owners,
            self._ledger.imported,
            self._own_code,
            runs=self._runs,
            confirmed=self.confirmed,
            set_up=self.set_up,
        )
        findings = judge.judge(evidence, DOOM)
        self._note_used(judge.allowed)
        return findings, alive

    def _note_used(self, allowed: Iterable[str]) -> None:
        for allowance in allowed:
            self.allowances[allowance] = self.allowances.get(allowance, 0) + 1
