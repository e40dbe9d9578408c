"""The published JSON Schema is that of the model, and reports are valid against it."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator, ValidationError

from leakwatch.model import Leak, RetentionPath, Root
from leakwatch.report import Report
from leakwatch.reports.jsonl import stream_line
from tests.docs.schema import repeat_schema, report_schema
from tests.printed import ROOT

FOLDER = ROOT / "docs" / "reference"
MADE = {"report.schema.json": report_schema, "repeat.schema.json": repeat_schema}
PATH = RetentionPath(Root("module global", "shop"), (), "shop.Cart")
VALIDATOR = Draft202012Validator(json.loads(report_schema()))


@pytest.mark.parametrize("name", MADE)
def test_the_published_schema_is_made_from_the_model(name, request):
    made, file = MADE[name](), FOLDER / name
    if request.config.getoption("--update-gold"):
        file.write_text(made, encoding="utf-8")
    assert file.read_text(encoding="utf-8") == made
    Draft202012Validator.check_schema(json.loads(made))


@settings(max_examples=25)
@given(st.from_type(Report))
def test_any_report_is_valid(report):
    VALIDATOR.validate(json.loads(json.dumps(report.to_dict())))


def test_a_short_line_is_valid():
    leak = Leak("shop.Cart", 2, 0.5, 96, 200, "0123456789ab", PATH)
    report = Report("checkout", leaks=(leak,), partial="10 s were spent")
    short = json.loads(stream_line(report, {("leaks", leak.signature)}))
    assert short["schema"] == "leakwatch.repeat/1"
    Draft202012Validator(json.loads(repeat_schema())).validate(short)


@pytest.mark.parametrize(
    ("field", "wrong"),
    [("schema", "leakwatch.report/3"), ("scope", 5), ("leaks", [{"count": 1}]), ("memory", [])],
)
def test_what_is_no_report_is_not_valid(field, wrong):
    document = json.loads(json.dumps(Report("checkout").to_dict())) | {field: wrong}
    with pytest.raises(ValidationError):
        VALIDATOR.validate(document)


def test_a_later_minor_version_may_add_fields():
    VALIDATOR.validate(json.loads(json.dumps(Report("checkout").to_dict() | {"added": 1})))
