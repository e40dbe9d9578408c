"""Lines of JSON for production: records for a log server, and whole reports to read later.

Each is one line, so that a file of them can be cut, searched and read by anything, and a process
that is killed leaves at most one of them torn.
"""

import json
import logging
import os
from datetime import UTC, datetime
from os import PathLike

from leakwatch import Report

MODE = 0o600
"""Of a new file: paths name parts of the program that are nobody else's business."""


class JsonFormatter(logging.Formatter):
    """A record as one line of JSON: time, level, logger, message, and what leakwatch knows.

    It goes with any handler: `RotatingFileHandler`, `StreamHandler`, `QueueListener`.
    """

    def format(self, record: logging.LogRecord) -> str:
        """One line, in ASCII."""
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            "process": record.process,
        }
        details = getattr(record, "leakwatch", None)
        if isinstance(details, dict):
            line |= details
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line, default=str)


class ReportSink:
    """Appends reports to a file, one in each line, for `leakwatch report FILE.jsonl`.

    Many processes may share one file: a line is one write at its end.

    Args:
        path: of the file, ending in `.jsonl`; `{pid}` in it is the number of the process.
        clean: whether reports without leaks are worth a line too.
    """

    def __init__(self, path: str | PathLike[str], *, clean: bool = False) -> None:
        self._path = os.fspath(path)
        self._clean = clean

    def append(self, report: Report) -> None:
        """Append the report, if it is worth a line.

        Raises:
            OSError: the file cannot be written.
        """
        if report.kind == "why" or (report.ok and not self._clean):
            return
        line = f"{json.dumps(report.to_dict())}\n".encode("ascii")
        path = self._path.replace("{pid}", str(os.getpid()))
        file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, MODE)
        try:
            write_whole(file, line)
        finally:
            os.close(file)


_sinks: list[ReportSink] = []


def append_reports(path: str | PathLike[str] | None, *, clean: bool = False) -> None:
    """Append every report with leaks to a file from now on.

    Where it cannot be written the report is lost, the program goes on, and the fault is told
    once, as that of any plugin.

    Args:
        path: of the file, ending in `.jsonl`; `{pid}` in it is the number of the process. None
            ends it.
        clean: append reports without leaks too.
    """
    _sinks[:] = [] if path is None else [ReportSink(path, clean=clean)]


def append(report: Report) -> None:
    """Append a report where that was asked for."""
    for sink in _sinks:
        sink.append(report)


def write_whole(file: int, line: bytes) -> None:
    """Write all of it; a disk that is nearly full takes a part."""
    written = os.write(file, line)
    while written < len(line):
        written += os.write(file, line[written:])
