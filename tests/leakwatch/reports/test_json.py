"""A report as JSON: what is read equals what was written, and nothing else is taken."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leakwatch.errors import ReportFileError
from leakwatch.report import Report
from leakwatch.reports.json_ import parse, render

st.register_type_strategy(str, st.text(st.characters(), max_size=8))
st.register_type_strategy(float, st.floats(allow_nan=False, allow_infinity=False))


def changed(report, place, value):
    """The report's JSON with one field changed; a place is a list of keys."""
    document = json.loads(render(report))
    holder = document
    for key in place[:-1]:
        holder = holder[key]
    holder[place[-1]] = value
    return json.dumps(document)


def test_a_report_with_every_field_comes_back_equal(report):
    assert parse(render(report), "x.json") == report


@given(st.from_type(Report))
def test_any_report_comes_back_equal(report):
    text = render(report)
    assert text.isascii()
    assert parse(text, "x.json") == report


def test_the_schema_comes_first(report):
    assert render(report).startswith('{\n  "schema": "leakwatch.report/2",\n  "ok": false,')


def test_unknown_fields_are_passed_over(report):
    text = changed(report, ["leaks", 0, "path", "root", "colour"], [1, {"a": None}])
    assert parse(text, "x.json") == report


def test_a_later_minor_version_is_read(report):
    assert parse(changed(report, ["schema"], "leakwatch.report/2.4"), "x.json") == report


def test_missing_fields_take_their_default():
    text = '{"schema": "leakwatch.report/1", "scope": "old"}'
    assert parse(text, "x.json") == Report("old")


@pytest.mark.parametrize(
    ("place", "value", "message"),
    [
        (["scope"], None, "field scope: expected a string, found null"),
        (["leaks"], {}, "field leaks: expected a list, found an object"),
        (["leaks", 0], [], r"field leaks\[0\]: expected an object, found a list"),
        (["leaks", 0, "count"], True, r"leaks\[0\].count: expected a whole number, found true"),
        (["leaks", 0, "count"], 2.5, r"leaks\[0\].count: expected a whole number, found 2.5"),
        (["leaks", 0, "growth"], "2", r'leaks\[0\].growth: expected a number, found "2"'),
        (["explained_share"], 10**400, "explained_share: expected a number below 1e308"),
        (["known", 0, "path", "references", 1, "suspect"], 1, r"\[1\].suspect: expected true or"),
        (
            ["leaks", 0, "path", "references", 0, "verdict"],
            "GUILTY",
            'verdict: expected one of NOT_LEAKING, LEAKING, UNKNOWN, found "GUILTY"',
        ),
        (["memory", "start"], {"rss": None}, 'field memory.start."rss": expected a whole number'),
        (["notes"], ["a", 5], r"field notes\[1\]: expected a string, found 5"),
        (["notes"], ["a", {"x" * 100: 1}], r"field notes\[1\]: expected a string, found an object"),
        (["schema"], "leakwatch.report/3", "read it with the version of leakwatch that wrote it"),
        (["schema"], "leakwatch.report/10", "read it with the version of leakwatch that wrote it"),
        (["schema"], "memray/1", "this is no leakwatch report"),
        (["schema"], 1, "this is no leakwatch report"),
    ],
)
def test_a_wrong_field_is_named_with_what_was_expected(report, place, value, message):
    with pytest.raises(ReportFileError, match=message) as caught:
        parse(changed(report, place, value), "monday.json")
    assert str(caught.value).startswith("monday.json: field ")


def test_a_missing_field_without_default_is_named(report):
    document = json.loads(render(report))
    del document["leaks"][0]["path"]
    with pytest.raises(ReportFileError, match=r"field leaks\[0\].path: expected a value"):
        parse(json.dumps(document), "x.json")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "the file is empty"),
        ("  \n", "the file is empty"),
        ("[]", "expected a report, found a list"),
        ("null", "expected a report, found null"),
        ("5", "expected a report, found 5"),
        ("{}", "field schema"),
        ('{"schema":\n "leakwatch', "line 2: the file ends too early"),
        ('{\n"schema" 1}', "line 2, column 10: not JSON"),
        ("[" * 100_000, "nested too deep"),
        ('{"a":' * 100_000, "nested too deep"),
        ('{"schema": NaN}', "NaN is not a JSON number"),
        ("1" * 5000, "Exceeds the limit"),
        ("\x00\xff", "not JSON"),
    ],
)
def test_what_is_no_report_is_refused_with_the_place(text, message):
    with pytest.raises(ReportFileError, match=message) as caught:
        parse(text, "x.json")
    assert str(caught.value).startswith("x.json: ")


@pytest.mark.parametrize("number", ["1" + "0" * 400, "-1" + "0" * 400, "1e999"])
@pytest.mark.parametrize("field", ["count", "retained_bytes", "growth"])
def test_a_number_that_nothing_can_be_counted_in_is_refused(report, field, number):
    document = json.loads(render(report))
    document["leaks"][0][field] = "NUMBER"
    with pytest.raises(ReportFileError, match=rf"field leaks\[0\].{field}: expected a") as caught:
        parse(json.dumps(document).replace('"NUMBER"', number), "x.json")
    assert len(str(caught.value)) < 300


def test_every_truncation_is_refused(report):
    text = render(report).rstrip()
    for end in range(0, len(text), 97):
        with pytest.raises(ReportFileError):
            parse(text[:end], "x.json")
