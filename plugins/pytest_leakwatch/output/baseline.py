"""The baseline of a suite: what it accepts, and how it is written at the end."""

import pytest

from leakwatch.errors import ReportFileError
from leakwatch.integration import (
    Baseline,
    current_baseline,
    read_baseline,
    write_baseline,
    written,
)
from leakwatch.report import Report
from pytest_leakwatch.settings import Settings
from pytest_leakwatch.verdict.findings import NAME

PARTIAL = ("keyword", "markexpr", "lf", "failedfirst", "last_failed", "stepwise", "deselect")
"""Options that leave tests out: what they would have found is not missed."""


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
    """Whether the run has all tests of the suite, as far as its options tell."""
    chosen = any(config.getoption(name, None) for name in PARTIAL)
    return not chosen and config.args_source is not pytest.Config.ArgsSource.ARGS


def write(baseline: Baseline, report: Report) -> str:
    """Accept every leak of a report; one line that says what was done.

    Args:
        baseline: as it is.
        report: of the whole run, before the baseline was applied to it.
    """
    assert report.scope == NAME
    try:
        changed = write_baseline(baseline.name, new := written(baseline, [report]))
    except ReportFileError as error:
        return f"the baseline was not written: {error}"
    added = len(new.entries) - len(baseline.entries)
    said = f"{added} added" if changed else "nothing to change"
    return f"baseline {baseline.name}: {len(new.entries)} accepted, {said}"
