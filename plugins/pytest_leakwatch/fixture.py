"""The fixture `leakwatch`: what a test says about its own objects."""

from collections.abc import Callable
from typing import Any, TypeVar

import leakwatch
from leakwatch.integration import Scope
from leakwatch.model import Leak
from leakwatch.report import Report
from pytest_leakwatch.attribution.suite import Suite
from pytest_leakwatch.output.text import message, with_recurrence

T = TypeVar("T")


class LeakwatchFixture:
    """Watches the objects of one test; the test is judged as soon as it ends."""

    def __init__(self, suite: Suite, nodeid: str) -> None:
        self._suite = suite
        self._nodeid = nodeid

    def track(self, obj: T, reason: str = "") -> T:
        """Register an object that should be gone when this test has ended.

        Args:
            obj: any object that can be referenced weakly; it is not kept alive.
            reason: why it should be gone.

        Returns:
            the object itself.

        Raises:
            NotTrackable: the object cannot be referenced weakly; the message says what to do.
        """
        self._suite.register(obj, reason, 2)
        return obj

    def scope(self, name: str = "", **options: Any) -> Scope:
        """A scope inside the test: `leakwatch.scope`, named after the test if not named."""
        return leakwatch.scope(name or self._nodeid, **options)

    def hunt(self, work: Callable[[], Any], *, runs: int = 7, warmup: int = 3) -> Report:
        """What grows each time some work is done: `leakwatch.hunt`."""
        return leakwatch.hunt(work, runs=runs, warmup=warmup)

    def why(self, target: object) -> Report:
        """What holds an object, or the instances of a class: `leakwatch.why`."""
        return leakwatch.why(target)

    def survivors(self) -> list[Leak]:
        """What of this test is held by more than its own variables; `[]` if nothing is."""
        return list(self._suite.judge_now().report.leaks)

    def assert_clean(self) -> None:
        """Fail now if an object of this test is held by more than the test's own variables.

        Raises:
            LeakError: an `AssertionError` whose `report` has the leaks.
        """
        __tracebackhide__ = True
        findings = with_recurrence(self._suite.judge_now())
        if findings.report.leaks:
            raise leakwatch.LeakError(message(findings, self._nodeid), findings.report)
