"""The hooks around each test of this process: open its page, close it, judge at the end."""

from __future__ import annotations  # pytest before 8.4 lacks some of the types named here

from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial

import pytest
from _pytest.runner import runtestprotocol  # what plugins that rerun tests call; no public name

from leakwatch.integration import complaints
from pytest_leakwatch.attribution.beside import note_on_tracers, tracers
from pytest_leakwatch.attribution.owners import Owner, is_judged
from pytest_leakwatch.attribution.suite import Suite
from pytest_leakwatch.ending import FAULT
from pytest_leakwatch.faults import END, Faults
from pytest_leakwatch.output.assertion import compared
from pytest_leakwatch.output.text import message
from pytest_leakwatch.pytest_state import (
    forget_last_exception,
    let_go_of,
    let_go_of_instances,
    note_stored,
    warn_of_stored,
    warnings_unheard,
)
from pytest_leakwatch.settings import Settings
from pytest_leakwatch.verdict.findings import PROPERTY, Deliver, facts
from pytest_leakwatch.verdict.markers import asked_of, marks_of
from pytest_leakwatch.verdict.selection import ALL

Wrapper = Generator[None, object, object]
MOST_BLAMED = 3


class Leaked(pytest.fail.Exception):  # type: ignore[name-defined,misc]
    """Raised where a test ends that left objects behind; its text is the whole report.

    Attributes:
        facts: the same for machines.
    """

    def __init__(self, text: str, facts: str) -> None:
        super().__init__(text, pytrace=False)
        self.facts = facts


class Watcher:
    """Follows pytest through its tests and asks the suite at the right moments.

    Args:
        suite: the survivors of the tests.
        settings: of this run.
        deliver: takes what was found, once, at the end of the run.
        everything: whether every test is watched; otherwise only those that ask for it.
    """

    def __init__(
        self, suite: Suite, settings: Settings, deliver: Deliver, *, everything: bool
    ) -> None:
        self.suite = suite
        self._settings = settings
        self._deliver = deliver
        self._everything = everything
        self._faults = Faults(suite.abandon)
        self._tracers: list[str] = []
        self._concluded = False
        self._delivered = False
        self._stopped: str | None = None

    # -- one test -------------------------------------------------------------------

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> Wrapper:
        if self._wants(item):
            self._begin(item)
        return (yield)

    def _begin(self, item: pytest.Item) -> None:
        if self._faults.given_up:
            self.suite.leave_out(item.nodeid, FAULT)
            return
        self._tracers = self._tracers or tracers()
        number = self._faults.number
        with self._faults.guarded(f"before {item.nodeid}"):
            self.suite.begin(item)
        if self._faults.number != number:
            self.suite.leave_out(item.nodeid, FAULT)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_fixture_setup(
        self, fixturedef: pytest.FixtureDef[object], request: pytest.FixtureRequest
    ) -> Wrapper:
        """Give a page to each wider fixture while it is set up."""
        if not self.suite.running:
            return (yield)
        number, failed = self._faults.number, True
        owner = self._prepare(fixturedef, request)
        try:
            result = yield
            failed = False
            return result
        finally:
            if fixturedef.scope != "function" and self._faults.number == number:
                with self._faults.guarded(f"after fixture {fixturedef.argname}"):
                    self.suite.fixtures.finish_setup(owner, failed=failed)
            if owner is not None:
                # Finalizers run last in, first out: this one opens the page of the teardown.
                fixturedef.addfinalizer(partial(self._tear_down, owner, fixturedef))

    def _prepare(
        self, fixturedef: pytest.FixtureDef[object], request: pytest.FixtureRequest
    ) -> Owner | None:
        """Open the page of a fixture that is about to be set up, if it is to have one."""
        suite = self.suite
        with self._faults.guarded(f"before fixture {fixturedef.argname}"):
            unfrozen = suite.windows.prepare(fixturedef)
            if suite.owns_fixtures and is_judged(fixturedef):
                return suite.fixtures.set_up(fixturedef, request, unfrozen=unfrozen)
            if fixturedef.scope != "function":
                suite.fixtures.enter_ignored(unfrozen=unfrozen)
        return None

    def _tear_down(self, owner: Owner, fixturedef: pytest.FixtureDef[object]) -> None:
        if self.suite.owns_fixtures and self.suite.is_open:
            with self._faults.guarded(f"before the teardown of fixture {fixturedef.argname}"):
                unfrozen = self.suite.windows.prepare(fixturedef)
                self.suite.fixtures.tear_down(owner, fixturedef, unfrozen=unfrozen)

    @pytest.hookimpl(tryfirst=True)
    def pytest_fixture_post_finalizer(self, fixturedef: pytest.FixtureDef[object]) -> None:
        if fixturedef.scope != "function":
            with self._faults.guarded(f"after the teardown of fixture {fixturedef.argname}"):
                self.suite.fixtures.finish_teardown(fixturedef)

    @pytest.hookimpl(wrapper=True, trylast=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Wrapper:
        """Call the function of a test again, where that was asked for."""
        warmup, runs = self.suite.repeats(item)
        if not runs:
            return (yield)
        from pytest_leakwatch.verdict.repeat import Repetition

        repetition = Repetition(self.suite, item, warmup, runs)
        with self._faults.guarded(f"before {item.nodeid}"):
            repetition.begin()
        try:
            result = yield
            if self.suite.running:
                repetition.go_on()
            return result
        finally:
            if self.suite.running:
                with self._faults.guarded(f"after the runs of {item.nodeid}"):
                    repetition.end()

    def pytest_assertrepr_compare(self, op: str, left: object, right: object) -> list[str] | None:
        return compared(op, left, right)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[object]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        report = yield
        if report.outcome == "passed" and call.excinfo is None and not hasattr(report, "wasxfail"):
            return report
        if call.excinfo is not None and type(call.excinfo.value) is Leaked:
            report.longrepr = str(call.excinfo.value)
            report.leakwatch = True  # type: ignore[attr-defined]
            report.user_properties.append((PROPERTY, call.excinfo.value.facts))
        else:
            self.suite.note_outcome(outcome_of(report))
        return report

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_teardown(self, item: pytest.Item) -> Wrapper:
        __tracebackhide__ = True  # a complaint is about the test and not about this line
        try:
            result = yield
        except BaseException as error:
            self.suite.note_outcome("failed")
            self._end(item)
            note_stored(item, error)
            raise
        if leaked := self._end(item):
            note_stored(item, leaked)
            raise leaked
        warn_of_stored(item.config)
        return result

    def _wants(self, item: pytest.Item) -> bool:
        return self._everything or asked_of(item, marks_of(item)) is not None

    def _end(self, item: pytest.Item) -> Leaked | None:
        """Close the page of a test; what to fail it with, if anything."""
        __tracebackhide__ = True
        leaked = None
        if self.suite.running:
            with self._faults.guarded(f"after {item.nodeid}"):
                let_go_of(item)
                findings = self.suite.end()
                self._faults.went_well()
                if findings.report.leaks and self._settings.mode != "report":
                    leaked = Leaked(message(findings, item.nodeid), facts(findings, item.nodeid))
        if not self._everything:
            # The tests in between did not ask for a collector that sees half of the heap.
            self.suite.close()
        return leaked

    # -- the whole run ----------------------------------------------------------------

    @pytest.hookimpl(wrapper=True, trylast=True)
    def pytest_runtestloop(self, session: pytest.Session) -> Wrapper:
        """Judge once everything is torn down, but while results still count."""
        try:
            result = yield
        except BaseException as error:
            self._stopped = stopped_by(error)
            raise
        if not (session.shouldfail or session.shouldstop):
            self._conclude(session)
        return result

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(
        self, session: pytest.Session, exitstatus: int | pytest.ExitCode
    ) -> None:
        """Judge what is not judged yet: after `-x` the wider fixtures are torn down only now."""
        try:
            if exitstatus not in {pytest.ExitCode.USAGE_ERROR, pytest.ExitCode.INTERNAL_ERROR}:
                early = session.shouldfail or session.shouldstop
                self._stopped = self._stopped or (str(early) if early else None)
                self._conclude(session)
        finally:
            self.suite.close()

    def pytest_unconfigure(self) -> None:
        """Close the suite again, should all that have been interrupted."""
        self.suite.close()

    def _conclude(self, session: pytest.Session) -> None:
        if not self._concluded:
            self._concluded = True
            items = {item.nodeid: item for item in session.items}
            rerun = partial(run_again, items) if self._settings.confirm else None
            with self._interruptible(), self._faults.guarded("at the end of the session", END):
                forget_last_exception()
                let_go = partial(let_go_of_instances, session.items)
                self.suite.conclude(let_go, self._blame, rerun, stopped=bool(self._stopped))
        if not self._delivered:
            with self._interruptible():
                self._deliver_findings()
            self._delivered = True

    @contextmanager
    def _interruptible(self) -> Iterator[None]:
        """Note an interrupt of the block and let it pass; the session finishes with a report."""
        try:
            yield
        except BaseException:
            self._stopped = "interrupted while the tests were judged"
            raise

    def _blame(self, nodeids: Sequence[str], fault: Exception) -> None:
        more = f" and {len(nodeids) - MOST_BLAMED:,} more" if len(nodeids) > MOST_BLAMED else ""
        who = f" of {', '.join(nodeids[:MOST_BLAMED])}{more}" if nodeids else ""
        self._faults.note(f"to judge at the end what is left{who}", fault)

    def _deliver_findings(self) -> None:
        findings = self.suite.findings()
        incomplete = findings.report.partial
        if self._stopped is not None:
            incomplete = f"the run was stopped ({self._stopped}); what ran before is judged"
        report = replace(
            findings.report,
            not_judged=self._faults.summary(),
            partial=incomplete,
            notes=(*findings.report.notes, *note_on_tracers(self._tracers)),
        )
        patterns = self.suite.patterns - {ALL}
        unmatched = complaints(sorted(patterns))
        self._deliver(
            replace(
                findings,
                report=report,
                seconds=self._faults.seconds,
                unmatched=unmatched,
                matched=frozenset(patterns) - unmatched.keys(),
            )
        )


def run_again(items: Mapping[str, pytest.Item], nodeid: str) -> None:
    """Run a test again, with everything that belongs to it; its results are not logged."""
    if (item := items.get(nodeid)) is not None:
        with warnings_unheard(item):
            runtestprotocol(item, log=False, nextitem=None)
    forget_last_exception()


def outcome_of(report: pytest.TestReport) -> str:
    """Why a test is not to be judged, or nothing."""
    if hasattr(report, "wasxfail"):
        return "xfailed"
    return "" if report.passed else report.outcome


def stopped_by(error: BaseException) -> str:
    """Why the loop over the tests was left: Ctrl-C, `pytest.exit`, `-x`, `--maxfail`."""
    if isinstance(error, pytest.exit.Exception):
        return f"pytest.exit: {error.msg}"
    if isinstance(error, pytest.Session.Failed | pytest.Session.Interrupted):
        return str(error)
    return "interrupted" if isinstance(error, KeyboardInterrupt) else type(error).__name__
