"""Reports as records of the standard library's logger `leakwatch`.

One record a leak, because a log is searched, counted and grouped by one key: here the
signature. The message is a constant template, its arguments are strings and numbers, and the
details travel as plain data under `extra={"leakwatch": ...}`; no handler that keeps records
can keep a survivor alive.

| level | what |
|---|---|
| DEBUG | a scope opened; a scope closed, with its counts; why it is incomplete, once more |
| INFO | a `hunt`, `check` or `run` ended, with its counts; a cause of growth is there again |
| WARNING | a leak; why a judgement is incomplete, once for each name and reason |
| ERROR | a part of leakwatch that failed; the program went on without it |

A clean scope is a DEBUG record: services log at INFO and close thousands of scopes. A clean
hunt or run is an answer that somebody waits for.

PYTEST_DONT_REWRITE: imported before pytest or after, this package is the same.
"""

import logging
import re
from dataclasses import replace

from leakwatch import Report, hookimpl
from leakwatch.extending import Find, Tally, leaks_are_logged
from leakwatch_logging import report_files
from leakwatch_logging.details import JsonFormatter, advice, leak_details, plain, report_details
from leakwatch_logging.report_files import append_reports

__all__ = [
    "JsonFormatter",
    "append_reports",
    "leakwatch_scope_closed",
    "leakwatch_scope_opened",
]

LOGGER = logging.getLogger("leakwatch")
# leakwatch is a guest. Without this handler the last resort of `logging` would print each leak
# on the standard error of every program that has leakwatch installed and never asked for a log,
# and a second time beside the report of pytest and of the command line.
LOGGER.addHandler(logging.NullHandler())
leaks_are_logged()

OPENED = "scope %s opened"
ENDED = "%s %s ended: leaks %d, known %d, in use %d"
LEAK = "leak %s in %s %s: %d %s held by %s; %s"
AGAIN = "leak %s in %s %s is still there, found %d times: %d %s by now"
MORE = "more leaks in %s %s: %d, not logged one by one; save the report to see them"
INCOMPLETE = "the judgement of %s %s is incomplete: %s"
FAULT = "a part of leakwatch failed and was left out: %s"

MOST_LOGGED = 10
"""Leaks of one report that get a record each, largest first; the others are counted."""

AWAITED = frozenset({"hunt", "check", "run"})
"""Kinds of report that somebody waits for, even if they are clean."""

MOST_GAPS = 1_000
"""Gaps that are remembered as logged; beyond it they are DEBUG records, and one WARNING says so."""

MANY_GAPS = "more than %d different judgements are incomplete; further ones are logged at DEBUG"

NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
"""A reason with another figure in it, or a scope with another number, is the same one again."""

# A fault reaches plugins as a note of the report, and again in every later report.
FAULT_NOTE = re.compile(r"plugin '.*' failed in ", re.DOTALL)
_faults_told: set[str] = set()
_gaps_told: set[str] = set()
_gaps_known: set[tuple[str, str, str]] = set()
"""As they are, where those that were logged differ in more than a number."""
MOST_KNOWN = 4096
_causes = Tally()
"""Of growth, which a monitor explains again and again."""


@hookimpl
def leakwatch_scope_opened(name: str) -> None:
    """Log a DEBUG record."""
    if LOGGER.isEnabledFor(logging.DEBUG):
        scope = plain(name)
        LOGGER.debug(OPENED, scope, extra={"leakwatch": {"event": "opened", "scope": scope}})


@hookimpl
def leakwatch_scope_closed(report: Report) -> None:
    """Log the records of one report, the worst last, where a terminal shows them."""
    log_end(report)
    # What a monitor has told before is among the known leaks.
    has_news = report.leaks or report.known or report.not_judged or report.partial
    # Not the answer to a question, which may be about a healthy object.
    if has_news and report.kind != "why":
        if report.not_judged is not None or report.partial is not None:
            log_gaps(report)
        log_leaks(without_known_causes(report) if report.kind == "growing" else report)
    if report.notes:
        log_faults(report)
    # Last: a disk that is full must not cost the records.
    for file in report_files.in_use:
        file.append(report)


def log_end(report: Report) -> None:
    """Log what the report counted."""
    level = logging.INFO if report.kind in AWAITED else logging.DEBUG
    if LOGGER.isEnabledFor(level):
        counts = len(report.leaks), len(report.known), len(report.in_use)
        details = {"event": "ended", **report_details(report)}
        LOGGER.log(level, ENDED, *subject(report), *counts, extra={"leakwatch": details})


def log_gaps(report: Report) -> None:
    """Log why the report may be blind to something: a silent log must not pass for a clean one.

    In a service that is busy it is the same reason in each request, so it is a WARNING once.
    """
    for reason in (report.not_judged, report.partial):
        if reason is not None and is_worth_a_record(report, reason):
            gap = " ".join((*subject(report), plain(reason)))
            level = logging.WARNING if report.kind in AWAITED else level_of(gap)
            details = {"event": "incomplete", **report_details(report)}
            LOGGER.log(
                level, INCOMPLETE, *subject(report), plain(reason), extra={"leakwatch": details}
            )


def is_worth_a_record(report: Report, reason: str) -> bool:
    """Whether somebody reads it: not if it is known and only DEBUG is left for it."""
    key = report.kind, report.scope, reason
    known = key in _gaps_known
    if len(_gaps_known) < MOST_KNOWN:
        _gaps_known.add(key)
    return not known or report.kind in AWAITED or LOGGER.isEnabledFor(logging.DEBUG)


def level_of(gap: str) -> int:
    """WARNING for a gap that was not logged before, else DEBUG."""
    gap = NUMBER.sub("#", gap)
    if gap in _gaps_told or len(_gaps_told) > MOST_GAPS:
        return logging.DEBUG
    _gaps_told.add(gap)
    if len(_gaps_told) <= MOST_GAPS:
        return logging.WARNING
    LOGGER.warning(MANY_GAPS, MOST_GAPS, extra={"leakwatch": {"event": "many gaps"}})
    return logging.DEBUG


def without_known_causes(report: Report) -> Report:
    """The report without the causes of growth that were logged before, which are logged as such."""
    finds = _causes.add(report)
    for find in finds:
        if not (find.is_new or find.is_other):
            log_again(find, report)
    return replace(report, leaks=tuple(it.leak for it in finds if it.is_new or it.is_other))


def log_again(find: Find, report: Report) -> None:
    """Log how many objects a cause has by now."""
    if LOGGER.isEnabledFor(logging.INFO):
        leak = find.leak
        details = {"event": "again", "times": find.times, **leak_details(leak, report)}
        counts = find.times, leak.count, plain(leak.type_name)
        LOGGER.info(AGAIN, leak.signature, *subject(report), *counts, extra={"leakwatch": details})


def log_leaks(report: Report) -> None:
    """Log a record for each of the largest leaks, and one for the rest."""
    if report.ok or not LOGGER.isEnabledFor(logging.WARNING):
        return
    for leak in report.leaks[:MOST_LOGGED]:
        LOGGER.warning(
            LEAK,
            leak.signature,
            *subject(report),
            leak.count,
            plain(leak.type_name),
            plain(leak.path.expression),
            plain(advice(leak)),
            extra={"leakwatch": {"event": "leak", **leak_details(leak, report)}},
        )
    rest = len(report.leaks) - MOST_LOGGED
    if rest > 0:
        details = {"event": "more", **report_details(report)}
        LOGGER.warning(MORE, *subject(report), rest, extra={"leakwatch": details})


def log_faults(report: Report) -> None:
    """Log an ERROR record for each fault that was not logged before."""
    for note in report.notes:
        if note not in _faults_told and FAULT_NOTE.match(note):
            _faults_told.add(note)
            fault = plain(note)
            LOGGER.error(FAULT, fault, extra={"leakwatch": {"event": "fault", "fault": fault}})


def subject(report: Report) -> tuple[str, str]:
    """What was judged: the kind of report and its name."""
    return report.kind, plain(report.scope)
