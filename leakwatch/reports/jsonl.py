"""Streams of reports: files with a report in each line (JSON Lines), to which a process appends.

A service that leaks in each request would write the same kilobytes for each. What stands in full
once in a file needs only its signature and figures from then on. Fields at their default are left
out, and the environment, which is that of the line in full.
"""

import json
import os
from collections.abc import Callable, Iterator, MutableSet
from dataclasses import MISSING, dataclass, field, fields, is_dataclass, replace
from typing import Any

from leakwatch.errors import ReportFileError, shown_path
from leakwatch.model import Environment, Leak, MemoryGrowth, RetentionPath, Root, Settling
from leakwatch.model.root_kinds import UNKNOWN_HOLDER
from leakwatch.report import SCHEMA, Report
from leakwatch.reports import files, json_

SUFFIX = ".jsonl"
REPEAT_SCHEMA = "leakwatch.repeat/1"
PLACES = ("leaks", "known", "in_use")
"""Fields of a report that hold leaks; what was written as a leak was not written as a known one."""
MOST_KEPT = 10_000
"""Leaks in full that a reader remembers: one takes 2.2 KB."""
DROP = "take the line out of the file"
MISSED = Root(UNKNOWN_HOLDER.name, "(the line that tells this leak in full is not in the file)")

Written = MutableSet[tuple[str, str]]
"""Place and signature of each leak that stands in a file in full."""


@dataclass(frozen=True, slots=True)
class RepeatedLeak:
    """A leak that an earlier line of the file tells in full.

    Attributes:
        type_name: `module.qualname` of the survivors.
        count: how many survived this time.
        growth: survivors per run of repeated work, or None where nothing was repeated.
        shallow_bytes: size of the survivors themselves, in bytes.
        retained_bytes: what would be freed with them, in bytes.
        signature: of the leak, by which the line in full is found.
        survivors: how many objects outlived their work, of all types.
    """

    type_name: str
    count: int
    growth: float | None
    shallow_bytes: int
    retained_bytes: int
    signature: str
    survivors: int = 0

    def whole(self, first: Leak | None) -> Leak:
        """The leak with these figures.

        Args:
            first: as an earlier line has it; None if that line is not there.
        """
        figures = {it.name: getattr(self, it.name) for it in fields(self)}
        if first is None:
            return Leak(path=RetentionPath(MISSED, (), self.type_name), **figures)
        return replace(first, **figures)


@dataclass(frozen=True, slots=True)
class RepeatedReport:
    """A report whose leaks the file tells in full already; the fields are those of a report."""

    scope: str
    kind: str = "scope"
    leaks: tuple[RepeatedLeak, ...] = ()
    known: tuple[RepeatedLeak, ...] = ()
    in_use: tuple[RepeatedLeak, ...] = ()
    memory: MemoryGrowth | None = None
    explained_share: float = 1.0
    partial: str | None = None
    not_judged: str | None = None
    settling: Settling = field(default_factory=Settling)
    notes: tuple[str, ...] = ()


def stream_line(report: Report, written: Written) -> str:
    """A report as a line of a stream, short if the file has its leaks in full.

    Args:
        report: the next one.
        written: what the file has in full; add `leaks_in(report)` once the line is written.
    """
    mine = list(leaks_in(report))
    if not mine:
        return line(SCHEMA, report)
    if not all(it in written for it in mine):
        return json_.render_line(report)
    values: dict[str, Any] = {it.name: getattr(report, it.name) for it in fields(RepeatedReport)}
    for place in PLACES:
        values[place] = tuple(map(repeated, values[place]))
    return line(REPEAT_SCHEMA, RepeatedReport(**values))


def leaks_in(report: Report) -> Iterator[tuple[str, str]]:
    """Place and signature of each leak of a report, in use and known ones too."""
    for place in PLACES:
        for leak in getattr(report, place):
            yield place, leak.signature


def repeated(leak: Leak) -> RepeatedLeak:
    """The figures of a leak."""
    return RepeatedLeak(*(getattr(leak, it.name) for it in fields(RepeatedLeak)))


def line(schema: str, value: object) -> str:
    """A value as one line of JSON, without the fields that have their default."""
    return json.dumps({"schema": schema, **sparse(value)}) + "\n"


def sparse(value: Any) -> Any:
    """A value as lists and dicts, without the fields that have their default."""
    if is_dataclass(value):
        given = {}
        for it in fields(value):
            inner = getattr(value, it.name)
            default = it.default if it.default_factory is MISSING else it.default_factory()
            if inner != default:
                given[it.name] = sparse(inner)
        return given
    return [sparse(inner) for inner in value] if type(value) is tuple else value


class Reader:
    """Makes reports of the lines of one file, in their order."""

    def __init__(self) -> None:
        self._in_full: dict[tuple[str, str], tuple[Leak, Environment | None]] = {}

    def report_from(self, text: str) -> Report:
        """The report that a line is, with what an earlier line has in full.

        Raises:
            RefusedError: it is none.
        """
        document = json_.decoded(text)
        schema = document.get("schema") if type(document) is dict else None
        # Of whatever version.
        if type(schema) is str and schema.partition("/")[0] == REPEAT_SCHEMA.partition("/")[0]:
            return self._completed(json_.report_of(document, RepeatedReport, REPEAT_SCHEMA))
        report = json_.report_of(document, Report, SCHEMA)
        self._remember(report)
        return report

    def _remember(self, report: Report) -> None:
        for place in PLACES:
            for leak in getattr(report, place):
                self._in_full.setdefault((place, leak.signature), (leak, report.environment))
        while len(self._in_full) > MOST_KEPT:
            del self._in_full[next(iter(self._in_full))]

    def _completed(self, short: RepeatedReport) -> Report:
        """The report of a short line, each leak with what the line in full says of it."""
        values: dict[str, Any] = {it.name: getattr(short, it.name) for it in fields(short)}
        environment = None
        for place in PLACES:
            leaks = []
            for leak in values[place]:
                first, where = self._in_full.get((place, leak.signature), (None, None))
                leaks.append(leak.whole(first))
                environment = environment or where
            values[place] = tuple(leaks)
        return Report(environment=environment, **values)


def load_all(path: files.Path, warn: Callable[[str], None]) -> Iterator[Report]:
    """The reports in a file, one at a time.

    Args:
        path: of a report, or with the suffix `.jsonl` of a stream of them.
        warn: called with a last line that was cut off, which is what a killed process leaves.

    Raises:
        ReportFileError: the file cannot be read, or another line is no report.
    """
    if os.path.splitext(os.fspath(path))[1].lower() != SUFFIX:
        yield json_.parse(files.read(path), shown_path(path))
        return
    reader = Reader()
    for number, line, whole in files.lines(path):
        where = f"{shown_path(path)}: line {number}"
        if not line.strip():
            continue
        try:
            yield reader.report_from(line)
        except json_.RefusedError as error:
            said = f"{where}{'' if error.line else ': '}{error}; "
            if whole:
                remedy = DROP if error.remedy == json_.REMEDY else error.remedy
                raise ReportFileError(f"{said}{remedy}") from None
            warn(f"{said}this last line is left out")
