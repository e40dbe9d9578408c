"""`leakwatch combine` and streams of reports."""

import json

import pytest

from leakwatch.model import Leak, RetentionPath, Root
from leakwatch.report import Report
from leakwatch.reports.json_ import render_line

PATH = RetentionPath(Root("module global", "shop"), (), "shop.Session")
LEAKY = Report("worker", leaks=(Leak("shop.Session", 2, None, 96, 200, "0123456789ab", PATH),))


@pytest.fixture
def stream(cli):
    """Three reports in a file, the fourth cut off by a kill."""
    lines = [render_line(it) for it in (LEAKY, Report("worker"), LEAKY)]
    cli.write("worker.jsonl", "".join(lines) + lines[0][:50])
    return "worker.jsonl"


def test_reports_of_a_stream_are_merged_and_the_torn_line_is_named(cli, stream):
    result = cli("combine", "-o", "all.json", stream)
    assert result.returncode == 1
    assert "warning: worker.jsonl: line 4: the file ends too early" in result.stderr
    whole = json.loads((cli.folder / "all.json").read_text())
    assert [leak["count"] for leak in whole["leaks"]] == [4]
    assert whole["notes"] == ["combined from 3 reports"]
    shown = cli("report", "all.json")
    assert shown.stdout.startswith("leakwatch: 1 leak in scope 'worker': 4 objects")


def test_report_shows_each_of_a_stream(cli, stream):
    result = cli("report", stream)
    assert result.stdout.count("leakwatch: 1 leak") == 2
    lines = cli("report", "--format", "jsonl", stream).stdout.splitlines()
    assert [json.loads(line)["ok"] for line in lines] == [False, True, False]
    refused = cli("report", "--format", "sarif", stream)
    assert refused.returncode == 2
    assert "format 'sarif' holds one report, got several; " in refused.stderr


def test_a_broken_line_in_the_middle_is_2_with_its_number(cli):
    cli.write("bad.jsonl", render_line(LEAKY) + "{]\n" + render_line(LEAKY))
    result = cli("combine", "bad.jsonl")
    assert (result.returncode, result.stdout) == (2, "")
    assert "error: bad.jsonl: line 2, column 2: not JSON" in result.stderr
    assert result.stderr.endswith("; take the line out of the file\n")


def test_an_empty_stream_is_2(cli):
    cli.write("none.jsonl", "\n")
    result = cli("combine", "none.jsonl")
    assert result.returncode == 2
    assert "no report in none.jsonl; nothing to combine" in result.stderr
    shown = cli("report", "none.jsonl")
    assert (shown.returncode, shown.stdout) == (2, "")
    assert "no report in none.jsonl; nothing to show" in shown.stderr


def test_many_reports_are_written_into_one_file_or_none(cli, stream):
    result = cli("report", "-o", "all.md", stream)
    assert result.returncode == 1
    assert result.stderr.endswith("leakwatch: 3 reports, 2 with leaks; they are in all.md\n")
    assert (cli.folder / "all.md").read_text().count("## leakwatch: 1 leak") == 2
    cli.write("bad.jsonl", render_line(LEAKY) * 2 + "{]\n")
    broken = cli("report", "-o", "bad.md", "bad.jsonl")
    assert (broken.returncode, (cli.folder / "bad.md").exists()) == (2, False)
    full = cli("report", "-o", "/dev/full", "--format", "markdown", stream)
    assert full.returncode == 3
    assert "/dev/full: cannot write the report: No space left on device" in full.stderr


def test_reports_of_a_stream_are_added_up_by_task(cli, stream):
    result = cli("report", stream, "--by", "task")
    assert result.returncode == 1
    heads, row = result.stdout.splitlines()[2:4]
    assert heads.split()[:3] == ["task", "runs", "survivors/run"]
    assert row.split() == ["worker", "3", "1.33", "Session", "object", "leak,", "see", "1"]
    by_file = cli("report", stream, stream, "--by", "file", "--format", "jsonl")
    (line,) = by_file.stdout.splitlines()
    assert json.loads(line)["scope"] == "worker.jsonl"
    assert json.loads(line)["leaks"][0]["count"] == 8


def test_groups_have_formats_of_their_own(cli, stream):
    cli("report", stream, "--by", "scope", "-o", "table.md")
    assert "| scope | runs |" in (cli.folder / "table.md").read_text()
    refused = cli("report", stream, "--by", "scope", "--format", "sarif")
    assert refused.returncode == 2
    assert "format 'sarif' shows no groups: with --by use one of text, " in refused.stderr
    unknown = cli("report", stream, "--by", "pid")
    assert unknown.returncode == 2
