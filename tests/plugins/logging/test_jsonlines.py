"""JSON Lines: records for a log server, reports to read later, and the same through structlog."""

import io
import json
import logging
from dataclasses import replace

import pytest
import structlog

import leakwatch_logging
from leakwatch import Report
from leakwatch.model import Leak, RetentionPath, Root
from leakwatch.reports.json_ import parse

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


@pytest.fixture
def reports(tmp_path):
    """A file that reports are appended to."""
    yield tmp_path / "leaks.jsonl"
    leakwatch_logging.append_reports(None)


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


def test_reports_with_leaks_are_appended_line_by_line(reports):
    leakwatch_logging.append_reports(reports)
    for report in (LEAKY, Report("clean"), replace(LEAKY, kind="why"), LEAKY):
        leakwatch_logging.leakwatch_scope_closed(report)
    lines = reports.read_text().splitlines()
    assert [parse(line, "x") for line in lines] == [LEAKY, LEAKY]
    assert reports.stat().st_mode & 0o777 == 0o600


def test_clean_reports_are_appended_if_that_is_asked_for_and_each_process_has_its_file(reports):
    leakwatch_logging.append_reports(reports.with_name("{pid}.jsonl"), clean=True)
    leakwatch_logging.leakwatch_scope_closed(Report("clean"))
    (file,) = reports.parent.glob("*.jsonl")
    assert file.stem.isdigit()
    assert parse(file.read_text(), "x") == Report("clean")


def test_a_disk_that_is_full_costs_the_line_and_is_told_as_a_fault(reports):
    from leakwatch.plugin_manager import Plugins

    hooks, told = Plugins(), []
    hooks.tell = told.append
    hooks.register(leakwatch_logging, "logging")
    leakwatch_logging.append_reports("/dev/full")
    hooks.call("leakwatch_scope_closed", report=LEAKY)
    hooks.call("leakwatch_scope_closed", report=LEAKY)
    (fault,) = told
    assert (fault.plugin, fault.where) == ("logging", "leakwatch_scope_closed")
    assert fault.error == "OSError: [Errno 28] No space left on device"
