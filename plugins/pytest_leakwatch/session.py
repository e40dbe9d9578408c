"""The end of the pipeline for a suite: judged in parts, accepted and announced as a whole."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from leakwatch.errors import ReportFileError
from leakwatch.integration import (
    Baseline,
    announced,
    current_baseline,
    read_baseline,
    ready_to_judge,
    write_baseline,
    written,
)
from leakwatch.model import Leak
from leakwatch.report import Report
from pytest_leakwatch.output.text import with_recurrence
from pytest_leakwatch.settings import Settings
from pytest_leakwatch.verdict.findings import Findings, one_process, whole_report

PARTIAL = ("keyword", "markexpr", "lf", "failedfirst", "last_failed", "stepwise", "deselect")
"""Options that leave tests out: what they would have found is not missed."""


class SuiteSession:
    """Applies the baseline of a suite to its findings, and announces the rest to the plugins.

    Args:
        settings: of the run.

    Raises:
        pytest.UsageError: the baseline does not exist, or is not understood.
    """

    def __init__(self, settings: Settings) -> None:
        ready_to_judge()  # a test may change the folder, or use up the descriptors
        self._settings = settings
        self._baseline = baseline_of(settings)

    def accepted(self, findings: Findings, *, whole: bool = False) -> Findings:
        """The findings with what the baseline accepts among the known leaks.

        Where there were several processes, each may have as much as it accepts.

        Args:
            findings: of a judgement, as large as they were found.
            whole: whether they are those of all tests, so that an entry may be stale.
        """
        report = self._baseline.applied(one_process(findings), whole=whole)
        counts = {leak.signature: leak.count for leak in findings.report.leaks}

        def in_all(leaks: Sequence[Leak]) -> list[Leak]:
            return [replace(leak, count=counts[leak.signature]) for leak in leaks]

        before = len(findings.report.known)
        known = (*report.known[:before], *in_all(report.known[before:]))
        report = replace(report, leaks=tuple(in_all(report.leaks)), known=known)
        return replace(findings, report=report)

    def concluded(self, findings: Findings, *, whole: bool) -> Findings:
        """The findings of the run as its users see them, announced to the plugins of leakwatch."""
        findings = with_recurrence(
            self.accepted(findings, whole=whole), asked=self._settings.confirm
        )
        report = announced(whole_report(findings))
        return replace(findings, report=replace(report, not_judged=findings.report.not_judged))

    def write_baseline(self, findings: Findings) -> str:
        """Accept every leak of the run; gives one line that says what was done.

        Args:
            findings: of the whole run, before the baseline was applied to them.
        """
        old = self._baseline
        new = written(old, [with_unconfirmed(findings)])
        try:
            changed = write_baseline(old.name, new)
        except ReportFileError as error:
            return f"the baseline was not written: {error}"
        added = len(new.entries) - len(old.entries)
        said = f"{added} added" if changed else "nothing to change"
        return f"baseline {old.name}: {len(new.entries)} accepted, {said}"


def with_unconfirmed(findings: Findings) -> Report:
    """The report with what is unconfirmed among the leaks, each with all that was found of it.

    In another order of the tests another part is confirmed.
    """
    report = findings.report
    wanted = findings.unconfirmed | {leak.signature for leak in report.leaks}
    found: dict[str, Leak] = {}
    for leak in (*report.leaks, *report.known):
        if leak.signature in wanted:
            known = found.get(leak.signature)
            whole = leak if known is None else replace(known, count=known.count + leak.count)
            found[leak.signature] = whole
    return replace(report, leaks=tuple(found.values()))


def baseline_of(settings: Settings) -> Baseline:
    """The baseline of a run; an empty one where there is none yet.

    Raises:
        pytest.UsageError: the file does not exist, or is not understood.
    """
    path = settings.baseline
    if not path:
        return Baseline(name=path)
    try:
        return current_baseline(path) if settings.write_baseline else read_baseline(path)
    except ReportFileError as error:
        raise pytest.UsageError(f"leakwatch_baseline: {error}") from None


def is_whole(config: pytest.Config) -> bool:
    """Whether the run has all tests of the suite, as far as its options say."""
    chosen = any(config.getoption(name, None) for name in PARTIAL)
    return not chosen and config.args_source is not pytest.Config.ArgsSource.ARGS
