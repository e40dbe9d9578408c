"""`leakwatch report` shows saved reports in any format."""

import json

import pytest


@pytest.fixture
def saved(cli, leaky):
    cli("run", "-o", "leaks.json", leaky)
    return "leaks.json"


def test_a_saved_report_reads_as_it_was_printed(cli, leaky, saved):
    printed = cli("run", leaky).stdout.removeprefix("arguments []\n")
    result = cli("report", saved)
    assert result.stdout == printed
    assert (result.returncode, result.stderr) == (1, "")


def test_a_clean_report_exits_with_0(cli):
    cli.write("clean.py", "")
    cli("run", "-o", "clean.json", "clean.py")
    assert cli("report", "clean.json").returncode == 0


def test_json_of_json_is_the_same(cli, saved):
    result = cli("report", "--format", "json", saved)
    assert result.stdout == (cli.folder / saved).read_text()


def test_the_suffix_decides_the_format_and_the_flag_wins_over_it(cli, saved):
    cli("report", "-o", "leaks.md", saved)
    assert (cli.folder / "leaks.md").read_text().startswith("## leakwatch: 1 leak")
    cli("report", "-o", "leaks.md", "--format", "json", saved)
    assert json.loads((cli.folder / "leaks.md").read_text())["ok"] is False


def test_the_configured_format_is_for_stdout_only(cli, saved):
    assert cli("report", saved, LEAKWATCH_FORMAT="markdown").stdout.startswith("## ")
    cli("report", "-o", "leaks.txt", saved, LEAKWATCH_FORMAT="markdown")
    assert (cli.folder / "leaks.txt").read_text().startswith("leakwatch: 1 leak")


def test_several_reports_follow_each_other_where_the_format_allows_it(cli, saved):
    result = cli("report", saved, saved)
    assert result.stdout.count("leakwatch: 1 leak") == 2
    refused = cli("report", "--format", "json", saved, saved)
    assert (refused.returncode, refused.stdout) == (2, "")
    assert "format 'json' holds one report, got 2 files" in refused.stderr


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "the file is empty"),
        ('{"schema": "leakwatch.report/2", "scope"', "line 1: the file ends too early"),
        ("{'schema'}", "line 1, column 2: not JSON"),
        ("[" * 100_000, "nested too deep"),
        ('{"schema": "leakwatch.report/3"}', "read it with the version of leakwatch that wrote it"),
        ('{"version": 1}', "this is no leakwatch report"),
        ('{"schema": "leakwatch.report/2", "scope": 5}', "field scope: expected a string, found 5"),
    ],
)
def test_a_bad_file_is_one_line_with_the_place_and_2(cli, content, message):
    cli.write("bad.json", content)
    result = cli("report", "bad.json")
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr.startswith("leakwatch: error: bad.json: ")
    assert message in result.stderr
    assert result.stderr.count("\n") == 1


def test_a_missing_file_is_named(cli):
    result = cli("report", "none.json")
    assert "none.json: cannot read the report: no such file" in result.stderr
    assert result.returncode == 2


def test_a_full_device_is_a_fault_and_the_text_is_not_lost(cli, saved):
    result = cli("report", "-o", "/dev/full", "--format", "json", saved)
    assert result.returncode == 3
    assert "/dev/full: cannot write the report: No space left on device" in result.stderr
    assert "leakwatch: 1 leak" in result.stderr


def test_a_terminal_without_unicode_gets_escapes(cli):
    cli.write("umlaut.py", "class Gerät: pass\nKEPT = [Gerät() for _ in range(9)]")
    result = cli("run", "umlaut.py", PYTHONIOENCODING="ascii")
    assert r"9 __main__.Ger\xe4t are held" in result.stdout
    assert result.returncode == 0
