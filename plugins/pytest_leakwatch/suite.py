"""All tests of this process: what each left behind, and the one judgement at the end."""

import os
from collections.abc import Callable, Sequence
from dataclasses import replace
from types import FrameType

import pytest

from leakwatch.integration import Scope, asking_frame, collect, counted, settle
from leakwatch.model import Birth
from leakwatch.report import Report
from pytest_leakwatch.accepting import baseline_of
from pytest_leakwatch.allowances import Request, allowances_of, request_of
from pytest_leakwatch.findings import NAME, Findings, merged, summed
from pytest_leakwatch.judging import Evidence, Judge, Test
from pytest_leakwatch.ledger import NOBODY, Ledger
from pytest_leakwatch.options import Settings
from pytest_leakwatch.running import NoHost, Running
from pytest_leakwatch.selection import Choice, FirstParty

DOOM = "outlived the test that made it"
THAWED = "called gc.unfreeze"
FIXTURE = "leakwatch"


class Suite:
    """The survivors of all tests of this process.

    Args:
        root: the root directory of the project.
        settings: of this run.
    """

    def __init__(self, root: os.PathLike[str], settings: Settings) -> None:
        self._settings = settings
        self._baseline = baseline_of(settings)
        self._ours = FirstParty(os.fspath(root))
        self._choice = Choice(settings.track, settings.ignore, self._ours)
        self._ledger = Ledger()
        self._tests: dict[int, Test] = {}
        self._registered: dict[int, Scope] = {}
        self._begun = NOBODY
        self._running: Running | None = None
        self._judged: list[Findings] = []
        self._count = 0
        self._not_judged: dict[str, int] = {}
        self.concluded = False

    @property
    def running(self) -> bool:
        """Whether a test is being watched."""
        return self._running is not None

    def is_asked_for(self, item: pytest.Item) -> bool:
        """Whether the test itself asks to be judged, by the marker or the fixture."""
        return FIXTURE in getattr(item, "fixturenames", ()) or request_of(item) is not None

    # -- one test -----------------------------------------------------------------------

    def begin(self, item: pytest.Item) -> None:
        """Start the page of a test; what was born since the last one is nobody's."""
        self._begun += 1
        request = request_of(item) or Request()
        choice = self._choice
        if request.track is not None:
            choice = Choice(request.track, self._settings.ignore, self._ours)
        scope = Scope(
            item.nodeid, discover=False, types=None, on_leak=None, grace=0.0, host=NoHost()
        )
        self._ledger.open()
        self._ledger.turn(NOBODY, choice)
        self._running = Running(
            test=Test(self._begun, item.nodeid, item.location, allowances_of(item)),
            scope=scope,
            choice=choice,
            grace=self._settings.grace if request.grace is None else request.grace,
            at_once=self.is_asked_for(item),
        )
        scope.begin()
        scope.enter()

    def note_outcome(self, outcome: str) -> None:
        """Remember the first reason not to judge the running test."""
        if self._running is not None and outcome:
            self._running.outcome = self._running.outcome or outcome

    def register(self, obj: object, reason: str, depth: int) -> None:
        """Register an object with the running test, unless judging has stopped for a fault.

        Raises:
            NotTrackable: the object cannot be referenced weakly.
        """
        if self._running is not None:
            self._running.scope.register(obj, reason, depth + 1)

    def enter_wider_scope(self) -> None:
        """A fixture of wider scope is about to be set up; the page so far is the test's."""
        running = self._running
        if running is None:
            return
        if running.wider:
            self._ledger.turn(NOBODY, running.choice)
        else:
            self._turn(running)
        running.wider += 1

    def leave_wider_scope(self) -> None:
        """The fixture is there; what was born meanwhile belongs to its scope."""
        if self._running is not None:
            self._ledger.turn(NOBODY, self._running.choice)
            self._running.wider -= 1

    def end(self) -> Findings:
        """Close the page of the running test and, if it asks for it, judge it at once."""
        running, self._running = self._running, None
        assert running is not None
        running.scope.leave()
        if running.outcome or not self._took_inventory(running):
            self._leave_out(running)
            return Findings()
        self._count += 1
        self._note_registered(running)
        if not running.left:
            return Findings()
        self._tests[running.test.number] = running.test
        return self._judge_at_once(running) if running.at_once else Findings()

    def _took_inventory(self, running: Running) -> bool:
        before = self._ledger.broken_pages
        self._turn(running, tidy=True)
        if self._ledger.broken_pages > before:
            running.outcome = THAWED
        return not running.outcome

    def _leave_out(self, running: Running) -> None:
        self._ledger.turn(NOBODY, running.choice)
        if running.left:
            self._forget(running.test.number)
        self._not_judged = summed(self._not_judged, {running.outcome: 1})

    def _turn(self, running: Running, *, tidy: bool = False) -> None:
        """Close a page of the test's own."""
        left = self._ledger.turn(running.test.number, running.choice, tidy=tidy)
        running.left = running.left or left

    def _note_registered(self, running: Running) -> None:
        if running.scope.registered_alive():
            self._registered[running.test.number] = running.scope
            running.left = True

    def _forget(self, number: int) -> None:
        self._ledger.drop(number)
        self._registered.pop(number, None)
        self._tests.pop(number, None)

    # -- judging ------------------------------------------------------------------------

    def judge_now(self) -> Findings:
        """Judge the running test while it runs; its own variables are in use."""
        running = self._running
        if running is None:
            return Findings()
        self._turn(running, tidy=True)
        self._note_registered(running)
        return self._accepted(self._judge([running.test], running, asking_frame()))

    def _judge_at_once(self, running: Running) -> Findings:
        findings = self._judge([running.test], running)
        self._forget(running.test.number)
        told = self._accepted(findings)
        failed = {running.test.nodeid} if told.report.leaks else set()
        if self._settings.mode == "report":
            failed.clear()
        # What is kept is what was found: how much of it is accepted depends on the whole run.
        self._judged.append(replace(findings, failed=frozenset(failed)))
        return told

    def _accepted(self, findings: Findings) -> Findings:
        """The findings of one test without what the baseline accepts."""
        return replace(findings, report=self._baseline.applied(findings.report, whole=False))

    def _judge(
        self, tests: Sequence[Test], running: Running, asking: FrameType | None = None
    ) -> Findings:
        self._ledger.close()
        try:
            return self._judge_thawed(
                tests, running.grace, asking, everything=running.choice.everything
            )
        finally:
            self._ledger.open()

    def _judge_thawed(
        self, tests: Sequence[Test], grace: float, asking: FrameType | None, *, everything: bool
    ) -> Findings:
        """Settle, and walk only if something is still there."""
        numbers = frozenset(test.number for test in tests)
        settling = settle(lambda: self._any_alive(numbers), grace)
        if not self._any_alive(numbers):
            return Findings(Report(NAME, settling=settling))
        evidence = Evidence(
            survivors=lambda: self._survivors(numbers),
            owners={**self._ledger.owners_among(numbers), **self._registrars(numbers)},
            births=self._registrations(numbers),
            asking=asking,
            settling=settling,
            everything=everything,
        )
        judge = Judge({test.number: test for test in tests}, self._ledger.imported, self._ours)
        return judge.judge(evidence, DOOM)

    def _any_alive(self, numbers: frozenset[int]) -> bool:
        found = self._survivors(numbers)
        alive = len(found) > 0
        found.clear()
        return alive

    def _survivors(self, numbers: frozenset[int]) -> list[object]:
        """The living objects of some tests; borrowed, to be cleared by the caller."""
        found = {id(it): it for it in self._ledger.alive(numbers.__contains__)}
        for number in sorted(self._registered.keys() & numbers):
            for handle in self._registered[number].registered_alive():
                if (registered := handle()) is not None:
                    found.setdefault(id(registered), registered)
        return list(found.values())

    def _registrars(self, numbers: frozenset[int]) -> dict[int, int]:
        """Test number by id of the registered objects; negative, for they count in any case."""
        return {
            id(handle()): -number
            for number in self._registered.keys() & numbers
            for handle in self._registered[number].registered_alive()
        }

    def _registrations(self, numbers: frozenset[int]) -> dict[int, Birth]:
        return {
            id(handle()): handle.site.birth(self._registered[number].name)
            for number in self._registered.keys() & numbers
            for handle in self._registered[number].registered_alive()
        }

    # -- the whole run --------------------------------------------------------------------

    def conclude(self, let_go: Callable[[], None]) -> Findings:
        """Judge everything that is still there, in one walk.

        Args:
            let_go: drops the instances of test classes.
        """
        self.concluded = True
        self._ledger.close()
        late = Findings()
        if tests := list(self._tests.values()):
            kept = self._kept_by(let_go)
            everything = self._choice.everything
            late = self._judge_thawed(tests, self._settings.grace, None, everything=everything)
            late = replace(late, report=replace(late.report, notes=(*late.report.notes, *kept)))
        whole = merged([*self._judged, late])
        return replace(whole, judged=self._count, not_judged=self._not_judged)

    def _kept_by(self, let_go: Callable[[], None]) -> list[str]:
        """What had been there only because pytest keeps the instances of test classes."""
        collect()
        before = self._number_alive()
        let_go()
        collect()
        kept = before - self._number_alive()
        if kept <= 0:
            return []
        subject = counted(kept, "object was", "objects were")
        return [f"{subject} kept by pytest, on the instances of test classes; they fail no test"]

    def _number_alive(self) -> int:
        living = self._survivors(frozenset(self._tests))
        number = len(living)
        living.clear()
        return number

    def close(self) -> None:
        """Let the collector see the whole heap again."""
        self._ledger.close()
