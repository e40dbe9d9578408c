"""Records as lines of JSON, for a log server."""

import json
import logging
from datetime import UTC, datetime


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
