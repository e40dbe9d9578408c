"""The session with the budget and the baseline that the configuration sets."""

from collections.abc import Callable
from dataclasses import replace

from leakwatch.compare.baseline import Baseline
from leakwatch.config import Config
from leakwatch.heap.limits import Limits
from leakwatch.report import Report
from leakwatch.session import Session, announced, judge
from leakwatch.tracking.case import Case


def limits(config: Config) -> Limits:
    """The budget of one analysis."""
    return Limits(objects=config.max_objects, seconds=config.max_seconds)


class BudgetedSession(Session):
    """A session that gives every case the configured budget.

    Args:
        config: the configuration.
        baseline: what is accepted; without one, nothing.
        tell: hears how far repeated work is.
    """

    def __init__(
        self,
        config: Config,
        baseline: Baseline | None = None,
        tell: Callable[[str], None] | None = None,
    ) -> None:
        self.trim = config.trim
        self._limits = limits(config)
        self._baseline = baseline or Baseline()
        self._tell = tell
        self.interrupted: str | None = None
        """By what Ctrl-C cut the answer short, or None."""

    def interrupt(self, runs: int) -> None:
        """Note that Ctrl-C ended repeated work after so many runs, which are judged."""
        self.interrupted = f"interrupted after {runs:,} runs"

    def progress(self, said: str) -> None:
        """See `leakwatch.tracking.case.Host`."""
        if self._tell is not None:
            self._tell(said)

    def conclude(self, case: Case) -> Report:
        """See `leakwatch.tracking.case.Host`."""
        try:
            report = self._baseline.applied(judge(replace(case, limits=self._limits)))
            report = replace(report, partial=self.interrupted or report.partial)
        except KeyboardInterrupt:
            self.interrupted = "interrupted while the survivors were judged"
            report = self._unfinished(case, self.interrupted)
        return announced(report, trim=self.trim)

    @staticmethod
    def _unfinished(case: Case, reason: str) -> Report:
        """What is known of a case that was not judged to its end."""
        return Report(
            scope=case.name,
            kind=case.kind,
            memory=case.memory,
            partial=reason,
            not_judged=reason,
            settling=case.settling,
            notes=case.notes,
        )
