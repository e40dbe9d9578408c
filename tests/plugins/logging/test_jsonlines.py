"""JSON Lines: records for a log server, and the same through structlog."""

import io
import json
import logging

import pytest
import structlog

import leakwatch_logging
from leakwatch import Report
from leakwatch.model import Leak, RetentionPath, Root

PATH = RetentionPath(Root("module global", "shop\u2028"), (), "shop.Session")
LEAKY = Report("request\n2", leaks=(Leak("shop.Session", 2, None, 96, 200, "0123456789ab", PATH),))


@pytest.fixture
def logged():
    """Logs a report through a formatter and gives the lines."""
    logger = logging.getLogger("leakwatch")
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)

    def log(formatter, report):
        handler.setFormatter(formatter)
        leakwatch_logging.leakwatch_scope_closed(report)
        return stream.getvalue().splitlines()

    logger.addHandler(handler)
    level, logger.level = logger.level, logging.INFO
    yield log
    logger.removeHandler(handler)
    logger.setLevel(level)


def test_a_record_is_one_line_with_time_level_and_what_leakwatch_knows(logged):
    (line,) = logged(leakwatch_logging.JsonFormatter(), LEAKY)
    assert line.isascii()
    record = json.loads(line)
    assert (record["level"], record["event"], record["count"]) == ("WARNING", "leak", 2)
    assert record["signature"] == "0123456789ab"
    assert record["time"].endswith("+00:00")
    assert record["message"].startswith("leak 0123456789ab in scope request")


def test_a_record_of_somebody_else_is_formatted_too():
    record = logging.LogRecord("shop", logging.ERROR, "x.py", 1, "no %s", ("stock",), None)
    line = json.loads(leakwatch_logging.JsonFormatter().format(record))
    assert (line["logger"], line["message"]) == ("shop", "no stock")
    assert "event" not in line


def test_structlog_renders_the_details_through_its_formatter(logged):
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[structlog.stdlib.add_log_level, structlog.stdlib.ExtraAdder()],
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.JSONRenderer(),
        ],
    )
    (line,) = logged(formatter, LEAKY)
    record = json.loads(line)
    assert record["level"] == "warning"
    assert record["leakwatch"]["signature"] == "0123456789ab"
    assert record["leakwatch"]["event"] == "leak"
