"""Formats for machines: each is read by a reader of its own, whatever the program is called."""

import json
from dataclasses import replace
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft4Validator, FormatChecker, ValidationError

from leakwatch.model import Leak, RetentionPath, Root
from leakwatch.report import Report
from leakwatch.reports import github, json_, junit, markdown, sarif, text
from leakwatch.reports.json_ import parse, render_line
from leakwatch.reports.source_locations import place_of
from tests.printed import ROOT

st.register_type_strategy(str, st.text(st.characters(), max_size=8))
st.register_type_strategy(float, st.floats(allow_nan=False, allow_infinity=False))

SARIF = Draft4Validator(
    json.loads((ROOT / "tests" / "schemas" / "sarif-2.1.0-rtm.5.json").read_text("utf-8")),
    format_checker=FormatChecker(),
)

HOSTILE = [
    "</script><img onerror=alert(1)>", "a\r\n::error::forged", 'quo"te\'s & <b>', "\x00\x1b[31m",
    "line\u2028end", "\u202eright to left", "\ud800 half", "%0A percent", "]]>", "\ufffe",
]  # fmt: skip


def named(report, name):
    """The report, with this name wherever a name can stand."""
    path = RetentionPath(Root("module global", name), (), name, name)
    leak = replace(report.leaks[0], type_name=name, path=path, reasons=(name,))
    leak = replace(leak, born=replace(leak.born, file=f"{name}.py", function=name))
    return replace(report, scope=name, leaks=(leak,), known=(leak,), notes=(name,), partial=name)


def test_a_leak_is_marked_where_it_was_made(report):
    lines = github.render(report).splitlines()
    assert lines[0].startswith(
        "::error file=shop.py,line=12,title=LW101 container that only grows::20 shop.Session"
    )
    assert "%0Acut    ['checkout'] in shop.HANDLERS%0A" in lines[0]
    assert lines[1].startswith("::notice file=shop.py,line=12,")
    assert lines[2] == "::warning title=leakwatch%3A partial::stopped after 60 seconds"
    assert lines[3] == "::warning title=leakwatch%3A not judged::a test failed"
    assert lines[4].startswith("::error title=leakwatch::leakwatch: 1 leak")
    assert lines[4].endswith("%0Aa plugin is broken")


def test_a_clean_report_is_a_notice():
    assert github.render(Report("checkout")) == (
        "::notice title=leakwatch::leakwatch: no leaks in scope 'checkout'\n"
    )


FAULT = "plugin 'acme' failed in leakwatch_inspectors: ValueError: no"
GAPS = Report("checkout", partial="no time", not_judged="a fault", notes=(FAULT,))


def test_gaps_and_the_faults_of_plugins_are_told_in_every_format():
    assert github.render(GAPS) == (
        "::warning title=leakwatch%3A partial::no time\n"
        "::warning title=leakwatch%3A not judged::a fault\n"
        "::notice title=leakwatch::leakwatch: not judged in scope 'checkout'%0A"
        f"{FAULT}\n"
    )
    (suite,) = ET.fromstring(junit.render(GAPS))
    assert suite.find("testcase/skipped").get("message") == "no time; a fault"
    assert (suite.get("tests"), suite.get("skipped")) == ("1", "1")
    assert FAULT in suite.find("system-out").text
    told = sarif.document(GAPS)["runs"][0]["invocations"][0]["toolExecutionNotifications"]
    assert [it["message"]["text"] for it in told] == ["no time", "a fault", FAULT]
    for render in (text.render, markdown.render, json_.render, render_line):
        assert all(said in render(GAPS) for said in ("no time", "a fault", "ValueError: no"))


@pytest.mark.parametrize("name", HOSTILE)
def test_no_name_forges_a_workflow_command(report, name):
    lines = github.render(named(report, name)).split("\n")
    assert len(lines) == 6
    assert all(line.startswith("::") for line in lines[:-1])
    (properties, _) = lines[0].removeprefix("::error ").split("::", 1)
    assert [it.partition("=")[0] for it in properties.split(",")] == ["file", "line", "title"]


def test_a_frame_of_the_root_is_a_place_too(report):
    path = RetentionPath(Root("running frame", "serve (src/app.py:31)"), (), "shop.Session")
    place = place_of(replace(report.leaks[0], born=None, path=path), report)
    assert (place.file, place.line) == ("src/app.py", 31)
    assert place_of(replace(report.leaks[0], born=None), report) is None


def test_a_program_that_was_run_is_a_place_at_its_first_line(report):
    nowhere = replace(report.leaks[0], born=None)
    place = place_of(nowhere, replace(report, kind="run", scope="src/app.py"))
    assert (place.file, place.line) == ("src/app.py", 1)
    assert place_of(nowhere, replace(report, kind="run", scope="python -m shop")) is None


def test_reports_that_were_combined_name_no_single_program(report):
    whole = replace(report, kind="run", scope="a.py, b.py")
    assert place_of(replace(whole.leaks[0], born=None), whole) is None


def test_files_below_the_current_folder_are_relative(report, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    born = replace(report.leaks[0].born, file=str(tmp_path / "src" / "shop.py"))
    assert place_of(replace(report.leaks[0], born=born), report).file == "src/shop.py"
    elsewhere = replace(born, file="/usr/lib/shop.py")
    assert place_of(replace(report.leaks[0], born=elsewhere), report).file == "/usr/lib/shop.py"


def test_sarif_has_a_rule_a_result_and_a_fingerprint_for_each_leak(report):
    log = json.loads(sarif.render(report))
    (run,) = log["runs"]
    assert log["version"] == "2.1.0"
    assert [rule["id"] for rule in run["tool"]["driver"]["rules"]] == ["LW101"]
    leak, known = run["results"]
    assert (leak["ruleId"], leak["ruleIndex"], leak["level"]) == ("LW101", 0, "error")
    assert leak["partialFingerprints"] == {"leakwatchSignature/v1": "0123456789ab"}
    place = leak["locations"][0]["physicalLocation"]
    assert place == {"artifactLocation": {"uri": "shop.py"}, "region": {"startLine": 12}}
    assert known["suppressions"][0]["justification"] == "the handler was never removed"
    assert run["invocations"][0]["executionSuccessful"] is False


def test_sarif_of_a_leak_without_pattern_has_a_rule_all_the_same(report):
    report = replace(report, leaks=(replace(report.leaks[0], pattern=None, born=None),), known=())
    (run,) = json.loads(sarif.render(report))["runs"]
    assert run["results"][0]["ruleId"] == run["tool"]["driver"]["rules"][0]["id"] == "LW000"
    assert "physicalLocation" not in run["results"][0]["locations"][0]


def test_sarif_is_valid_against_the_schema_of_the_standard(report):
    bare = replace(report.leaks[0], pattern=None, born=None, reasons=())
    nothing = Report("checkout")
    for shown in (
        report,
        nothing,
        replace(nothing, leaks=(bare,)),
        replace(nothing, known=(bare,)),
    ):
        SARIF.validate(json.loads(sarif.render(shown)))
    log = json.loads(sarif.render(report))
    log["runs"][0]["results"][0]["level"] = "fatal"
    with pytest.raises(ValidationError):
        SARIF.validate(log)


def check_result(result, rules):
    """What the SARIF 2.1.0 schema and code scanning want of a result."""
    assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
    assert result["level"] in {"error", "warning", "note", "none"}
    assert result["message"]["text"]
    assert all(result["partialFingerprints"].values())
    for location in result["locations"]:
        place = location.get("physicalLocation")
        if place:
            assert place["region"]["startLine"] >= 1
            assert place["artifactLocation"]["uri"].isascii()
            assert not set(place["artifactLocation"]["uri"]) & set(' <>"{}|\\^`')


@pytest.mark.parametrize("name", HOSTILE)
def test_sarif_keeps_its_structure_whatever_the_names(report, name):
    text = sarif.render(named(report, name))
    log = json.loads(text)
    (run,) = log["runs"]
    assert text.isascii()
    SARIF.validate(log)
    for result in run["results"]:
        check_result(result, run["tool"]["driver"]["rules"])


def test_junit_has_a_failed_case_for_each_leak(report):
    root = ET.fromstring(junit.render(report))
    (suite,) = root
    failed, skipped, partial = suite.findall("testcase")
    assert (suite.get("tests"), suite.get("failures"), suite.get("skipped")) == ("3", "1", "2")
    assert failed.get("name") == "shop.Session 0123456789ab"
    assert (failed.get("file"), failed.get("line")) == ("shop.py", "12")
    assert failed.find("failure").get("type") == "LW101"
    assert "['checkout'] -> shop.Session  <- suspect" in failed.find("failure").text
    assert skipped.find("skipped").get("message") == "the handler was never removed"
    assert partial.get("name") == "judgement"
    assert partial.find("skipped").get("message") == "stopped after 60 seconds; a test failed"
    assert suite.find("system-out").text.startswith("leakwatch: 1 leak")


def test_junit_of_a_clean_report_has_one_passed_case():
    (suite,) = ET.fromstring(junit.render(Report("checkout")))
    assert [case.get("name") for case in suite.findall("testcase")] == ["judgement"]
    assert suite.get("failures") == "0"


@pytest.mark.parametrize("name", HOSTILE)
def test_junit_is_well_formed_whatever_the_names(report, name):
    text = junit.render(named(report, name))
    root = ET.fromstring(text.encode("utf-8"))
    assert len(root.findall("testsuite/testcase")) == 3


@settings(max_examples=25)
@given(st.from_type(Leak), st.text(st.characters()))
def test_any_report_is_written_in_every_format(leak, scope):
    report = Report(scope, leaks=(leak,), known=(leak,))
    SARIF.validate(json.loads(sarif.render(report)))
    ET.fromstring(junit.render(report).encode("utf-8"))
    assert all(line.startswith("::") for line in github.render(report).splitlines())
    line = render_line(report)
    assert line.count("\n") == 1
    assert parse(line, "x.jsonl") == report
