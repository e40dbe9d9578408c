"""The session with the budget and the baseline that the configuration sets."""

from dataclasses import replace

from leakwatch.baseline import Baseline
from leakwatch.case import Case
from leakwatch.config import Config
from leakwatch.heap.limits import Limits
from leakwatch.report import Report
from leakwatch.session import Session, announced, judge


def limits(config: Config) -> Limits:
    """The budget of one analysis."""
    return Limits(objects=config.max_objects, seconds=config.max_seconds)


class BudgetedSession(Session):
    """A session that gives every case the configured budget.

    Args:
        config: the configuration.
        baseline: what is accepted; without one, nothing.
    """

    def __init__(self, config: Config, baseline: Baseline | None = None) -> None:
        self.trim = config.trim
        self._limits = limits(config)
        self._baseline = baseline or Baseline()

    def conclude(self, case: Case) -> Report:
        """See `leakwatch.case.Host`."""
        report = judge(replace(case, limits=self._limits))
        return announced(self._baseline.applied(report), trim=self.trim)
