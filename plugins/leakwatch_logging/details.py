"""Leaks and reports as flat, plain data for `extra`, and texts that fit into one line.

Only exact strings, numbers, None, lists and dicts leave this module: what is pickled for a
log server must be readable there without leakwatch.
"""

import logging
from typing import Any

from leakwatch import Report
from leakwatch.extending import printable
from leakwatch.model import Leak


def leak_details(leak: Leak, report: Report) -> dict[str, Any]:
    """The facts of one leak.

    Args:
        leak: one of the report's leaks.
        report: of the scope that the leak was found in.

    Returns:
        plain data; sizes in bytes, `growth` in objects per run.
    """
    return {
        "scope": plain(report.scope),
        "kind": report.kind,
        "signature": leak.signature,
        "type_name": plain(leak.type_name),
        "count": leak.count,
        "growth": leak.growth,
        "shallow_bytes": leak.shallow_bytes,
        "retained_bytes": leak.retained_bytes,
        "path": plain(leak.path.expression),
        "suspects": [plain(suspect.holder_type + suspect.name) for suspect in leak.suspects],
        "pattern": leak.pattern.code if leak.pattern else None,
        "advice": plain(advice(leak)),
        "born": plain(str(leak.born)) if leak.born else None,
    }


def report_details(report: Report) -> dict[str, Any]:
    """The counts of a report, and how the process's figures changed, in bytes or counts."""
    return {
        "scope": plain(report.scope),
        "kind": report.kind,
        "leaks": len(report.leaks),
        "known": len(report.known),
        "in_use": len(report.in_use),
        "memory": report.memory.change if report.memory else {},
        "memory_verdict": report.memory.verdict if report.memory else "",
        "partial": report.partial,
        "not_judged": report.not_judged,
    }


def advice(leak: Leak) -> str:
    """What to do next, in one sentence."""
    if leak.pattern:
        return leak.pattern.fix
    if (cut := leak.path.cut) is not None:
        return f"cut {cut.name} in {cut.holder_type}"
    return f"no suspect: save the report, it has the whole path to {leak.path.target_type}"


def plain(text: str) -> str:
    """The text on one line, with control characters and reading direction marks escaped.

    A name that holds a line break could otherwise forge a record in a text log.
    """
    return printable(text)


class JsonFormatter(logging.Formatter):
    """A record as one line of JSON: time, level, logger, message, and what leakwatch knows.

    It goes with any handler: `RotatingFileHandler`, `StreamHandler`, `QueueListener`.
    """

    def format(self, record: logging.LogRecord) -> str:
        """One line, in ASCII."""
        import json
        from datetime import UTC, datetime

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
