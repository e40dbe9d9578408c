"""`leakwatch explain` says what a code means; one that does not exist is met with the nearest."""

import json

import pytest

from leakwatch.diagnosis.patterns import BY_CODE, PATTERNS
from leakwatch.model import Leak, RetentionPath, Root
from leakwatch.report import Report


def test_without_a_code_every_pattern_is_listed(cli):
    result = cli("explain")
    assert result.returncode == 0
    listed = [line.split("  ", 1) for line in result.stdout.splitlines()]
    known = sorted((it.pattern.code, it.pattern.title) for it in PATTERNS)
    assert [tuple(line) for line in listed] == known


@pytest.mark.parametrize("code", ["LW104", "lw104"])
def test_a_code_is_explained_with_its_fix_and_both_programs(cli, code):
    result = cli("explain", code)
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout.startswith("LW104 handler never unregistered\n\nwhy      A bound method")
    assert "`weakrefs.WeakMethod(handler)`" in result.stdout
    assert "    HANDLERS.append(session.on_change)" in result.stdout
    assert "    HANDLERS.append(WeakMethod(session.on_change, HANDLERS.remove))" in result.stdout


def test_an_unknown_code_is_a_usage_error_that_names_the_nearest(cli):
    result = cli("explain", "LW1040")
    assert (result.stdout, result.returncode) == ("", 2)
    assert result.stderr == (
        "leakwatch: error: there is no pattern 'LW1040'; did you mean LW104? "
        "`leakwatch explain` lists all of them\n"
    )


def test_what_a_library_keeps_until_it_is_told_is_explained_by_its_id(cli):
    result = cli("explain", "matplotlib-open-figures")
    assert result.returncode == 0
    assert result.stdout.startswith("matplotlib-open-figures figure of pyplot that is never clos")
    assert "\ninstead  `plt.close(fig)` when it is saved" in result.stdout
    assert cli("explain", "sympy-cache").returncode == 2


def test_a_leak_of_a_report_is_explained_as_text_and_as_json(cli):
    path = RetentionPath(Root("module global", "shop"), (), "shop.Session")
    pattern = BY_CODE["LW104"].pattern
    leak = Leak("shop.Session", 20, 1.0, 960, 2048, "3f9c00000001", path, pattern)
    Report("work", leaks=(leak,)).save(cli.folder / "leaks.json")
    text = cli("explain", "3f9c", "--report", "leaks.json")
    assert text.stdout.startswith("leak      20 shop.Session (1 per run) are held, each like ")
    found = json.loads(cli("explain", "3f9c", "--report", "leaks.json", "--format", "json").stdout)
    assert found["pattern"]["code"] == "LW104"
    assert (found["pattern"]["before"], found["defined"]) == (BY_CODE["LW104"].pattern.before, None)
    for line in ("explain --report leaks.json", "explain LW104 --format json"):
        assert cli(*line.split()).returncode == 2
