"""The hooks that report what was found: header, results, exit code, block at the end, file."""

from __future__ import annotations  # pytest before 8.4 lacks some of the types named here

import sys
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import pytest

from leakwatch.errors import ReportFileError
from leakwatch.integration import counted
from leakwatch.report import Report
from pytest_leakwatch.faults import fault_line
from pytest_leakwatch.output.text import (
    MOST_LEAKS,
    block,
    gap_lines,
    header,
    message,
    pattern_lines,
    workflow_commands,
)
from pytest_leakwatch.session import SuiteSession, is_whole
from pytest_leakwatch.settings import Settings, idle_options, verbosity_of
from pytest_leakwatch.verdict.findings import (
    NAME,
    PROPERTY,
    Findings,
    facts,
    from_json,
    gathered,
    whole_report,
)

LAST_FAILED = "cache/lastfailed"
MOST_FURTHER = 5
"""As many further tests of leaks that are told already does the short summary name: three hundred
that fail for one cause are one cause, and the files name each."""
OUTPUT = "leakwatch"
"""Name of our entry in what a worker of pytest-xdist hands to its controller."""


class Reporter:
    """Reports what was found; lives in the process that talks to the terminal.

    Args:
        config: of this run.
        settings: of this run.
    """

    def __init__(self, config: pytest.Config, settings: Settings) -> None:
        self._config = config
        self._settings = settings
        self._parts: list[Findings] = []
        self._findings: Findings | None = None
        self._saved: list[str] = []
        self._faults: list[str] = []
        self._lost: list[str] = []
        self._failed: set[str] = set()
        self._further: list[pytest.TestReport] = []
        self._told: frozenset[str] = frozenset()
        self._shown = False
        self._session: pytest.Session | None = None
        self._suite = SuiteSession(settings)
        self._written = ""

    def pytest_report_header(self) -> str | None:
        return header(self._settings)

    def pytest_report_teststatus(self, report: pytest.TestReport) -> tuple[str, str, str] | None:
        # The category stays `error`: with one of our own pytest counts, but prints nothing.
        if getattr(report, "leakwatch", False) and report.failed:
            # A word alone: the short summary of pytest before 8.3 prints a pair as it is.
            return "error", "L", "LEAKED"
        return None

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """Take what a worker of pytest-xdist found; a crashed one gives nothing."""
        output = getattr(node, "workeroutput", None) or {}
        if OUTPUT in output:
            try:
                self._parts.append(from_json(output[OUTPUT]))
            except Exception as error:  # noqa: BLE001 - the other workers' findings are reported
                self._faults.append(fault_line("to read what a worker found", error))
        elif self._settings.mode != "off":
            name = getattr(getattr(node, "gateway", None), "id", "a worker")
            self._lost.append(f"{name} ended without telling what it found")

    @pytest.hookimpl(wrapper=True, trylast=True)
    def pytest_runtestloop(self) -> Generator[None, object, object]:
        """Add up what the workers found: they have ended when the loop of the controller has."""
        result = yield
        self._take_parts()
        return result

    def _take_parts(self) -> None:
        parts, self._parts = self._parts, []
        lost, self._lost = self._lost, []
        if parts or lost:
            whole = gathered([*parts, *(Findings(Report(NAME, not_judged=it)) for it in lost)])
            self.take(whole)

    def take(self, findings: Findings) -> None:
        """Take the findings of the run; a fault of ours on the way is an error of the session."""
        self._findings = findings
        try:
            self._take(findings)
        except Exception as error:  # noqa: BLE001 - whatever it is, the findings are reported
            self._faults.append(fault_line("to tell what was found", error))

    def _take(self, findings: Findings) -> None:
        """Fail the tests that leaked, write the files."""
        if self._settings.write_baseline:
            self._written = self._suite.write_baseline(findings)
        findings = self._suite.concluded(findings, whole=is_whole(self._config))
        self._findings = findings
        if self._settings.mode != "report":
            self._fail(findings)
        self._write(findings)

    def _fail(self, findings: Findings) -> None:
        """Fail the tests that leaked; the first one with a leak has its full report."""
        most = None if verbosity_of(self._config) > 1 else MOST_LEAKS
        others = findings.report.leaks[most:] if most else ()
        reported = {leak.signature: "" for leak in others}
        for nodeid in sorted(findings.leaking_tests(), key=lambda it: it not in findings.failed):
            if nodeid not in findings.failed and nodeid not in self._failed:
                self._failed.add(nodeid)  # after an interrupt this runs once more
                report = failure(findings, nodeid, reported)
                if all(it.signature in reported for it in findings.leaks_of(nodeid)):
                    self._further.append(report)
                self._config.hook.pytest_runtest_logreport(report=report)
                if nodeid in findings.fixtures:
                    self._forget_in_progress(nodeid)
            for leak in findings.leaks_of(nodeid):
                reported.setdefault(leak.signature, nodeid)
        self._told = frozenset(reported)

    @pytest.hookimpl(wrapper=True, trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> Generator[None, object, object]:
        result = yield
        self._session = session
        self._take_parts()  # of the workers of a run that was interrupted
        self._name_tests_of_fixtures()
        self._fail_session()
        if verbosity_of(self._config) < 2:
            self._leave_out_further()
        return result

    def _leave_out_further(self) -> None:
        """Print no error of a further test of a leak: thirty would say the same.

        The short summary names the first of them, so those are put back before it; the last line
        counts all.
        """
        terminal: Any = self._config.pluginmanager.get_plugin("terminalreporter")
        errors = terminal.stats.get("error", []) if terminal is not None else []
        errors[:] = [it for it in errors if all(it is not one for one in self._further)]
        if len(self._further) > MOST_FURTHER:
            put_back = PutBack(partial(self._put_back, self._further))
            self._config.pluginmanager.register(put_back, "leakwatch-further")

    def pytest_unconfigure(self) -> None:
        """Make a fault of leakwatch an error of the session; without a terminal print it too."""
        self._fail_session()
        lines = [*self._fault_lines(), *pattern_lines(self._findings or Findings())]
        if lines and not self._shown and sys.__stderr__:
            sys.__stderr__.write("".join(f"{line}\n" for line in ["leakwatch:", *lines]))

    def _fail_session(self) -> None:
        session, fine = self._session, {pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED}
        if session is None or session.exitstatus not in fine:
            return
        if any(self._fault_lines()):
            session.exitstatus = pytest.ExitCode.INTERNAL_ERROR
        elif self._idle_line() or (self._findings is not None and self._findings.unmatched):
            session.exitstatus = pytest.ExitCode.USAGE_ERROR

    def _idle_line(self) -> str | None:
        """What is wrong where an option was given and no worker judged a test."""
        return idle_options(self._config) if self._findings is None else None

    def _fault_lines(self) -> Iterator[str]:
        report = self._findings.report if self._findings is not None else Report(NAME)
        if self._faults:
            not_judged = "; ".join(filter(None, [report.not_judged, *self._faults]))
            report = replace(report, not_judged=not_judged)
        if report.not_judged:
            yield from gap_lines(report)

    def _name_tests_of_fixtures(self) -> None:
        """Let `--lf` run the test that set up a leaking fixture: it runs only tests."""
        cache = getattr(self._config, "cache", None)
        if cache is not None and self._findings is not None and self._findings.fixtures:
            failed = cache.get(LAST_FAILED, {})
            for nodeid, (_, test) in self._findings.fixtures.items():
                if failed.pop(nodeid, False) and test:
                    failed[test] = True
            cache.set(LAST_FAILED, failed)

    def _forget_in_progress(self, nodeid: str) -> None:
        """Take a fixture out of the percentage of tests that ran: it is no test."""
        terminal: Any = self._config.pluginmanager.get_plugin("terminalreporter")
        for known in list(getattr(terminal, "_progress_nodeids_reported", ())):
            if str(known) == nodeid:
                terminal._progress_nodeids_reported.discard(known)

    def _write(self, findings: Findings) -> None:
        for file in self._settings.reports:
            try:
                whole_report(findings).save(file)
                self._saved.append(f"report written to {file}")
            except (ReportFileError, OSError) as error:
                self._saved.append(f"the report was not written: {error}")

    def _put_back(self, left_out: Sequence[pytest.TestReport]) -> None:
        terminal: Any = self._config.pluginmanager.get_plugin("terminalreporter")
        errors = terminal.stats.get("error", []) if terminal is not None else []
        missing = [it for it in left_out if all(it is not one for one in errors)]
        if missing:
            terminal.stats["error"] = [*errors, *missing]

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        if self._findings is None and not self._faults:
            if said := self._idle_line():
                terminalreporter.line(f"leakwatch: error: {said}")
            return
        everything = verbosity_of(self._config) > 1
        self._put_back(self._further if everything else self._further[:MOST_FURTHER])
        terminalreporter.section("leakwatch")
        try:
            lines = list(self._lines())
        except Exception as error:  # noqa: BLE001 - a fault of ours, reported below
            self._faults.append(fault_line("to tell what was found", error))
            lines = []
        if self._faults:
            lines = [*self._fault_lines(), *lines]
        for line in lines:
            terminalreporter.line(line)
        self._shown = True

    def _lines(self) -> Iterator[str]:
        if self._findings is None:
            return
        yield from block(self._findings, verbosity_of(self._config), told=self._told)
        if self._settings.github:
            failing = self._settings.mode != "report"
            yield from workflow_commands(
                self._findings, str(self._config.rootpath), failing=failing
            )
        yield from filter(None, [self._written, *self._saved])
        more = len(self._further) - MOST_FURTHER
        if more > 0 and verbosity_of(self._config) < 2:
            tests = counted(more, "more test")
            yield f"{tests} failed for these leaks; `-o verbosity_leakwatch=2` names all"


class PutBack:
    """Puts back what the short summary was not to name, before the results are counted.

    Args:
        put_back: does so.
    """

    def __init__(self, put_back: Callable[[], None]) -> None:
        self._put_back = put_back

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_terminal_summary(self) -> Generator[None, object, object]:
        try:
            return (yield)
        finally:
            self._put_back()


def failure(findings: Findings, nodeid: str, elsewhere: Mapping[str, str]) -> pytest.TestReport:
    """The failing report of a test whose leak was found at the end of the session."""
    text = message(findings, nodeid, elsewhere)
    return pytest.TestReport(
        nodeid=nodeid,
        location=findings.locations[nodeid],
        keywords={},
        outcome="failed",
        longrepr=text,
        when="teardown",
        user_properties=[(PROPERTY, facts(findings, nodeid))],
        leakwatch=True,
    )
