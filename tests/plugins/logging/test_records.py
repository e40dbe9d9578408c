"""`leakwatch_logging`: what a log holds about scopes, leaks and faults."""

import json
import logging
import pickle
import subprocess
import sys
from dataclasses import replace

import pytest

import leakwatch_logging
from leakwatch import Report
from leakwatch.extending import Tally
from leakwatch.model import (
    Birth,
    Leak,
    MemoryGrowth,
    Pattern,
    Reference,
    RetentionPath,
    Root,
    Verdict,
)

PLAIN = {str, int, float, bool, type(None), list, dict}

PATH = RetentionPath(
    Root("module global", "shop.registry"),
    (
        Reference("module", ".HANDLERS", Verdict.NOT_LEAKING, "a module"),
        Reference("dict", "['checkout']", suspect=True),
    ),
    "shop.Session",
)
LEAK = Leak(
    type_name="shop.Session",
    count=20,
    growth=2.0,
    shallow_bytes=960,
    retained_bytes=40_000,
    signature="0123456789ab",
    path=PATH,
    pattern=Pattern("LW101", "a registry", "it only grows", "remove the handler in close()"),
    born=Birth("shop/api.py", 12, "checkout", "request"),
)
REPORT = Report("request", leaks=(LEAK,), memory=MemoryGrowth({"rss": 1}, {"rss": 5}))


@pytest.fixture
def records(caplog, monkeypatch):
    """The records that the plugin makes of a report, at the given level."""
    monkeypatch.setattr(leakwatch_logging, "_faults_told", set())
    monkeypatch.setattr(leakwatch_logging, "_gaps_told", set())
    monkeypatch.setattr(leakwatch_logging, "_causes", Tally())

    def made(report, level=logging.DEBUG):
        with caplog.at_level(level, logger="leakwatch"):
            caplog.clear()
            leakwatch_logging.leakwatch_scope_closed(report)
        return [record for record in caplog.records if record.name == "leakwatch"]

    return made


def named(records, event):
    return [record for record in records if record.leakwatch["event"] == event]


def test_a_leak_is_one_warning_that_names_its_holder_and_the_remedy(records):
    (record,) = named(records(REPORT), "leak")
    assert record.levelno == logging.WARNING
    assert record.getMessage() == (
        "leak 0123456789ab in scope request: 20 shop.Session held by "
        "shop.registry.HANDLERS['checkout']; remove the handler in close()"
    )


def test_the_message_of_two_different_leaks_is_the_same_template(records):
    other = replace(LEAK, type_name="shop.Basket", signature="ba9876543210")
    first, second = named(records(replace(REPORT, leaks=(LEAK, other))), "leak")
    assert first.msg == second.msg


def test_without_a_pattern_the_suspect_reference_is_the_advice(records):
    report = replace(REPORT, leaks=(replace(LEAK, pattern=None),))
    (record,) = named(records(report), "leak")
    assert record.getMessage().endswith("; cut ['checkout'] in dict")


def test_without_pattern_and_suspect_the_advice_is_to_read_the_report(records):
    native = RetentionPath(Root("native code", "(surplus 1)"), (), "shop.Session")
    report = replace(REPORT, leaks=(replace(LEAK, pattern=None, path=native),))
    (record,) = named(records(report), "leak")
    assert "held by native code (surplus 1)" in record.getMessage()
    assert "save the report" in record.getMessage()


def test_the_details_of_a_leak_stand_under_one_key(records):
    (record,) = named(records(REPORT), "leak")
    # The last two are what a formatter notes, of any handler that had the record before.
    ordinary = set(vars(logging.makeLogRecord({}))) | {"message", "asctime"}
    assert set(vars(record)) - ordinary == {"leakwatch"}
    assert record.leakwatch["signature"] == "0123456789ab"
    assert record.leakwatch["retained_bytes"] == 40_000
    assert record.leakwatch["growth"] == 2.0
    assert record.leakwatch["suspects"] == ["dict['checkout']"]
    assert record.leakwatch["pattern"] == "LW101"
    assert record.leakwatch["born"] == "shop/api.py:12 in checkout"


def values_in(value):
    yield value
    if type(value) is dict:
        for key, inner in value.items():
            yield from values_in(key)
            yield from values_in(inner)
    elif type(value) is list:
        for inner in value:
            yield from values_in(inner)


def test_arguments_and_details_are_exact_plain_types(records):
    unclear = replace(REPORT, partial="the time ran out", not_judged="closing failed")
    fault = replace(unclear, notes=("plugin 'x' failed in leakwatch_inspectors: ValueError: no",))
    made = records(fault)
    assert len(made) == 5
    for record in made:
        assert {type(argument) for argument in record.args} <= {str, int}
        assert {type(value) for value in values_in(record.leakwatch)} <= PLAIN


def test_the_details_survive_json_and_a_reader_without_leakwatch(records):
    details = [record.leakwatch for record in records(REPORT)]
    assert json.loads(json.dumps(details)) == details
    code = "import pickle, sys; print(len(pickle.load(sys.stdin.buffer)))"
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", code],
        input=pickle.dumps(details),
        capture_output=True,
        check=True,
    )
    assert int(done.stdout) == len(details)


def test_the_end_of_a_scope_is_a_debug_record_and_of_a_hunt_an_info(records):
    (scope,) = records(Report("request"))
    (hunt,) = records(Report("shop.work", kind="hunt"))
    assert (scope.levelname, hunt.levelname) == ("DEBUG", "INFO")
    assert scope.getMessage() == "scope request ended: leaks 0, known 0, in use 0"


def test_a_clean_scope_is_silent_at_info(records):
    assert records(Report("request"), logging.INFO) == []


def test_the_end_tells_how_the_memory_changed(records):
    (record,) = named(records(REPORT), "ended")
    assert record.leakwatch["memory"] == {"rss": 4}


def test_a_judgement_that_is_incomplete_is_a_warning_even_without_leaks(records):
    made = records(Report("request", partial="10 s were spent"), logging.WARNING)
    assert [record.getMessage() for record in made] == [
        "the judgement of scope request is incomplete: 10 s were spent"
    ]


def levels_of_gaps(records, *reports):
    return [named(records(report), "incomplete")[0].levelname for report in reports]


def test_the_reason_of_a_gap_is_a_warning_once_for_each_scope(records):
    overlapped = [
        Report(name, not_judged="other work of this process overlapped, 3 scopes")
        for name in ("request 1", "request 2", "task")
    ]
    more = replace(overlapped[0], not_judged="other work of this process overlapped, 1,204 scopes")
    other = replace(more, not_judged="closing failed")
    levels = levels_of_gaps(records, *overlapped, more, other, other)
    assert levels == ["WARNING", "DEBUG", "WARNING", "DEBUG", "WARNING", "DEBUG"]


def test_the_gap_of_an_answer_that_somebody_waits_for_is_always_a_warning(records):
    check = Report("check", kind="check", partial="10 s were spent")
    assert levels_of_gaps(records, check, check) == ["WARNING", "WARNING"]


def test_ever_new_gaps_are_told_to_be_many_once(records, monkeypatch):
    monkeypatch.setattr(leakwatch_logging, "MOST_GAPS", 2)
    made = [records(Report(name, partial="no time"), logging.WARNING) for name in "abcda"]
    assert [len(it) for it in made] == [1, 1, 1, 0, 0]
    assert made[2][0].getMessage() == (
        "more than 2 different judgements are incomplete; further ones are logged at DEBUG"
    )


def test_an_answer_to_why_is_no_finding(records):
    made = records(replace(REPORT, kind="why"))
    assert [record.levelname for record in made] == ["DEBUG"]


def test_known_leaks_are_counted_and_not_warned_of(records):
    made = records(Report("request", known=(LEAK,)))
    assert [record.levelname for record in made] == ["DEBUG"]
    assert made[0].leakwatch["known"] == 1


def test_a_cause_of_growth_is_warned_of_once_and_then_counted(records):
    first = Report("this process", "growing", leaks=(LEAK,))
    (warning,) = named(records(first), "leak")
    assert warning.levelno == logging.WARNING
    for times, again in ((2, {"known": (replace(LEAK, count=900),)}), (3, {"leaks": (LEAK,)})):
        found = records(Report("this process", "growing", **again))
        assert named(found, "leak") == []
        (record,) = named(found, "again")
        assert (record.levelno, record.leakwatch["times"]) == (logging.INFO, times)
    assert record.getMessage() == (
        "leak 0123456789ab in growing this process is still there, found 3 times: 20 shop.Session "
        "by now"
    )


def test_what_is_accepted_is_not_told_as_still_there(records):
    report = Report("this process", "growing", known=(LEAK,))
    assert named(records(report), "again") == []


def test_leaks_beyond_the_tenth_are_counted_in_one_record(records):
    leaks = tuple(replace(LEAK, signature=f"{number:012x}") for number in range(25))
    made = records(replace(REPORT, leaks=leaks), logging.WARNING)
    assert len(named(made, "leak")) == 10
    assert named(made, "more")[0].getMessage().startswith("more leaks in scope request: 15,")


def test_a_fault_of_a_detector_is_an_error_once(records):
    note = "plugin 'broken' failed in leakwatch_inspectors: ValueError: no"
    report = Report("request", notes=(note, "2 shop.Point could not be tracked"))
    (record,) = records(report, logging.ERROR)
    assert record.getMessage() == f"a part of leakwatch failed and was left out: {note}"
    assert records(report, logging.ERROR) == []


def test_a_scope_name_cannot_forge_a_record(records):
    forged = "a\n2031-01-01 CRITICAL disk full \x1b[31m \u202e"
    for record in records(replace(REPORT, scope=forged)):
        assert record.getMessage().isprintable()
        assert record.leakwatch["scope"].isprintable()


def test_a_record_carries_no_traceback_whose_frames_would_live_on(records):
    for record in records(REPORT):
        assert record.exc_info is None
        assert record.stack_info is None


def test_a_disabled_logger_makes_no_record_and_builds_no_details(records, monkeypatch):
    def unwanted(*arguments):
        raise AssertionError("details were built for a record that nobody gets")

    monkeypatch.setattr(leakwatch_logging, "report_details", unwanted)
    monkeypatch.setattr(leakwatch_logging, "leak_details", unwanted)
    assert records(REPORT, logging.CRITICAL) == []
