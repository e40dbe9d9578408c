"""The hooks around each test of this process: open its page, close it, judge at the end."""

from __future__ import annotations  # pytest before 8.4 lacks some of the types named here

import sys
from collections.abc import Generator, Iterable
from contextlib import suppress
from dataclasses import replace
from functools import partial

import pytest
from _pytest.runner import runtestprotocol  # what plugins that rerun tests call; no public name

from pytest_leakwatch.allowances import asked_of
from pytest_leakwatch.complaints import complain, note_complaints
from pytest_leakwatch.faults import END, Faults
from pytest_leakwatch.findings import PROPERTY, Deliver, Findings, facts
from pytest_leakwatch.owners import Owner, is_judged
from pytest_leakwatch.settings import Settings
from pytest_leakwatch.suite import Suite
from pytest_leakwatch.tracing import told, tracers
from pytest_leakwatch.wording import message

Wrapper = Generator[None, object, object]
LAST = ("last_exc", "last_value", "last_type", "last_traceback")


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
        self._faults = Faults()
        self._tracers: list[str] = []
        self._concluded = False

    # -- one test -------------------------------------------------------------------

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> Wrapper:
        if self._watches(item):
            self._tracers = self._tracers or tracers()
            with self._faults.guarded(f"before {item.nodeid}"):
                self.suite.begin(item)
        return (yield)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_fixture_setup(
        self, fixturedef: pytest.FixtureDef[object], request: pytest.FixtureRequest
    ) -> Wrapper:
        """What is born while a wider fixture is set up belongs to that fixture."""
        if fixturedef.scope == "function" or not self.suite.running or self._faults:
            return (yield)
        fixtures = self.suite.fixtures
        if not (self.suite.owns_fixtures and is_judged(fixturedef)):
            with self._faults.guarded(f"before fixture {fixturedef.argname}"):
                fixtures.ignore()
            try:
                return (yield)
            finally:
                with self._faults.guarded(f"after fixture {fixturedef.argname}"):
                    fixtures.ignored()
        owner, failed = None, True
        with self._faults.guarded(f"before fixture {fixturedef.argname}"):
            owner = fixtures.set_up(fixturedef, request)
        try:
            result = yield
            failed = False
            return result
        finally:
            if owner is not None:
                with self._faults.guarded(f"after fixture {fixturedef.argname}"):
                    fixtures.is_set_up(failed=failed)
                # Finalizers run last in, first out: this one opens the page of the teardown.
                fixturedef.addfinalizer(partial(self._tear_down, owner, fixturedef))

    def _tear_down(self, owner: Owner, fixturedef: pytest.FixtureDef[object]) -> None:
        if self.suite.owns_fixtures and not self._faults:
            with self._faults.guarded(f"before the teardown of fixture {fixturedef.argname}"):
                self.suite.fixtures.tear_down(owner, fixturedef)

    @pytest.hookimpl(tryfirst=True)
    def pytest_fixture_post_finalizer(self, fixturedef: pytest.FixtureDef[object]) -> None:
        if fixturedef.scope != "function" and not self._faults:
            with self._faults.guarded(f"after the teardown of fixture {fixturedef.argname}"):
                self.suite.fixtures.is_torn_down(fixturedef)

    @pytest.hookimpl(wrapper=True, trylast=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Wrapper:
        """Call the function of a test again, where that was asked for."""
        warmup, runs = self.suite.repeats(item)
        if not runs or self._faults:
            return (yield)
        from pytest_leakwatch.repeating import Repetition

        repetition = Repetition(self.suite, item, warmup, runs)
        with self._faults.guarded(f"before {item.nodeid}"):
            repetition.begin()
        try:
            result = yield
            repetition.go_on()
            return result
        finally:
            with self._faults.guarded(f"after the runs of {item.nodeid}"):
                repetition.end()

    def pytest_assertrepr_compare(self, op: str, left: object, right: object) -> list[str] | None:
        from pytest_leakwatch.comparing import compared

        return compared(op, left, right)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[object]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        report = yield
        if call.excinfo is not None and type(call.excinfo.value) is Leaked:
            report.longrepr = str(call.excinfo.value)
            report.leakwatch = True  # type: ignore[attr-defined]
            report.user_properties.append((PROPERTY, call.excinfo.value.facts))
        else:
            self.suite.note_outcome(outcome_of(report))
        return report

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_teardown(self, item: pytest.Item) -> Wrapper:
        try:
            result = yield
        except BaseException as error:
            self.suite.note_outcome("failed")
            self._end(item)
            note_complaints(item, error)
            raise
        if leaked := self._end(item):
            note_complaints(item, leaked)
            raise leaked
        complain(item.config)
        return result

    def _watches(self, item: pytest.Item) -> bool:
        return not self._faults and (self._everything or asked_of(item) is not None)

    def _end(self, item: pytest.Item) -> Leaked | None:
        """Close the page of a test; what to fail it with, if anything."""
        leaked = None
        if self.suite.running and not self._faults:
            with self._faults.guarded(f"after {item.nodeid}"):
                let_go_of(item)
                findings = self.suite.end()
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
        result = yield
        if not (session.shouldfail or session.shouldstop):
            self._conclude(session)
        return result

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(
        self, session: pytest.Session, exitstatus: int | pytest.ExitCode
    ) -> None:
        """After `-x` the wider fixtures are torn down only by now."""
        if exitstatus in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED):
            self._conclude(session)
        self.suite.close()

    def _conclude(self, session: pytest.Session) -> None:
        if self._concluded:
            return
        self._concluded = True
        rerun = partial(run_again, session) if self._settings.confirm else None
        if session.shouldfail or session.shouldstop:
            rerun = None
        findings = Findings()
        with self._faults.guarded("at the end of the session", END):
            forget_last_exception()
            findings = self.suite.conclude(lambda: let_go_of_instances(session.items), rerun)
        notes = (*told(self._tracers), *self._faults.notes)
        self._deliver(replace(with_notes(findings, notes), seconds=self._faults.seconds))


def run_again(session: pytest.Session, nodeids: Iterable[str]) -> None:
    """Run some tests again, with everything that belongs to them; nobody is told how it went."""
    wanted = frozenset(nodeids)
    for item in session.items:
        if item.nodeid in wanted:
            runtestprotocol(item, log=False, nextitem=None)
    forget_last_exception()


def outcome_of(report: pytest.TestReport) -> str:
    """Why a test is not to be judged, or nothing."""
    if hasattr(report, "wasxfail"):
        return "xfailed"
    return "" if report.passed else report.outcome


def with_notes(findings: Findings, notes: Iterable[str]) -> Findings:
    """The findings with further notes."""
    report = findings.report
    return replace(findings, report=replace(report, notes=(*report.notes, *notes)))


def let_go_of(item: pytest.Item) -> None:
    """Drop what pytest itself would drop one step later."""
    values = item.__dict__.get("funcargs")
    if type(values) is dict:
        values.clear()
    forget_last_exception()


def let_go_of_instances(items: Iterable[pytest.Item]) -> None:
    """Drop the instances of test classes, which a suite may have by the thousand.

    pytest keeps them for the session, and makes a new one should anybody ask again. For the
    test cases of unittest it drops them itself.
    """
    for item in items:
        item.__dict__.pop("_instance", None)
        item.__dict__.pop("_obj", None)


def forget_last_exception() -> None:
    """The frames of a failed test, kept for a debugger until the next call."""
    for name in LAST:
        with suppress(AttributeError):
            delattr(sys, name)
