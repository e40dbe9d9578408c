"""The published JSON Schema is that of the model, and reports are valid against it."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator, ValidationError

from leakwatch.report import Report
from tests.docs.schema import report_schema
from tests.printed import ROOT

FILE = ROOT / "docs" / "reference" / "report.schema.json"
VALIDATOR = Draft202012Validator(json.loads(report_schema()))


def test_the_published_schema_is_made_from_the_model(request):
    if request.config.getoption("--update-gold"):
        FILE.write_text(report_schema(), encoding="utf-8")
    assert FILE.read_text(encoding="utf-8") == report_schema()
    Draft202012Validator.check_schema(json.loads(report_schema()))


@settings(max_examples=25)
@given(st.from_type(Report))
def test_any_report_is_valid(report):
    VALIDATOR.validate(json.loads(json.dumps(report.to_dict())))


@pytest.mark.parametrize(
    ("field", "wrong"),
    [("schema", "leakwatch.report/2"), ("scope", 5), ("leaks", [{"count": 1}]), ("memory", [])],
)
def test_what_is_no_report_is_not_valid(field, wrong):
    document = json.loads(json.dumps(Report("checkout").to_dict())) | {field: wrong}
    with pytest.raises(ValidationError):
        VALIDATOR.validate(document)


def test_a_later_minor_version_may_add_fields():
    VALIDATOR.validate(json.loads(json.dumps(Report("checkout").to_dict() | {"added": 1})))
