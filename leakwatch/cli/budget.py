"""The session with the budget that the configuration sets."""

from dataclasses import replace

from leakwatch.case import Case
from leakwatch.config import Config
from leakwatch.heap.limits import Limits
from leakwatch.report import Report
from leakwatch.session import Session


def limits(config: Config) -> Limits:
    """The budget of one analysis."""
    return Limits(objects=config.max_objects, seconds=config.max_seconds)


class BudgetedSession(Session):
    """A session that gives every case the configured budget."""

    def __init__(self, config: Config) -> None:
        self._limits = limits(config)

    def conclude(self, case: Case) -> Report:
        """See `leakwatch.case.Host`."""
        return super().conclude(replace(case, limits=self._limits))
