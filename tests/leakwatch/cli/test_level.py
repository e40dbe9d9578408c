"""`-q` and `-v`: what was found alone, or everything with the times of the stages."""

import re

import pytest

from leakwatch import Report
from leakwatch.cli.level import StageTimes
from leakwatch.model import Leak, RetentionPath, Root
from leakwatch.stages import Stage

SIGNATURE = "3f9c{:08x}"
FOUND = "3f9c00000000  3 shop.Cart are held, each like module shop"


def leak(number=0):
    path = RetentionPath(Root("module", "shop"), (), "shop.Cart")
    return Leak("shop.Cart", 3, None, 96, 96, SIGNATURE.format(number), path)


@pytest.fixture
def saved(cli):
    Report("checkout", leaks=(leak(),)).save(cli.folder / "leaks.json")
    Report("checkout", leaks=tuple(map(leak, range(12)))).save(cli.folder / "many.json")
    Report("checkout").save(cli.folder / "clean.json")
    Report("checkout", not_judged="a fork was lost").save(cli.folder / "lost.json")
    return cli


@pytest.mark.parametrize(
    ("line", "lines", "code"),
    [
        ("report -q leaks.json", [FOUND], 1),
        ("report -q clean.json", [], 0),
        ("report -q lost.json", ["not judged: a fork was lost"], 3),
        ("report -q leaks.json clean.json leaks.json", [FOUND, FOUND], 1),
        ("report -q -o leaks.txt leaks.json", [], 1),
        ("report --format brief leaks.json", [FOUND], 1),
        ("combine -q leaks.json", [FOUND], 1),
        ("why -q --report leaks.json 3f9c", [FOUND], 0),
        ("diff -q clean.json leaks.json", [f"new        {FOUND.replace(' are', ',')}"], 1),
        ("diff -q leaks.json leaks.json", [], 0),
        ("baseline -q leaks.json", [f"new      {FOUND}"], 1),
    ],
)
def test_quiet_is_a_line_for_what_was_found_and_the_same_exit_code(saved, line, lines, code):
    result = saved(*line.split())
    assert result.stdout.splitlines() == lines
    assert (result.stderr, result.returncode) == ("", code)


def test_verbose_leaves_nothing_out_and_tells_times_on_stderr(saved):
    usual, full = saved("report", "many.json"), saved("report", "-v", "many.json")
    assert "and 2 more leaks" in usual.stdout
    assert "12. 3 shop.Cart" in full.stdout
    assert (usual.stderr, full.returncode) == ("", usual.returncode)
    assert re.fullmatch(r"(leakwatch: +\d+\.\d{3} s  [a-z ]+\n)+", full.stderr)
    assert "reading\n" in full.stderr
    assert "unchanged" in saved("diff", "-v", "many.json", "many.json").stdout.splitlines()[-1]


def test_run_tells_the_same_in_all_three_ways(cli, leaky):
    quiet, full = cli("run", "-q", "--fail-on-leak", leaky), cli("run", "-v", leaky)
    assert re.fullmatch(r"[0-9a-f]{12}  20 __main__\.Session .*", quiet.stdout.splitlines()[-1])
    assert (len(quiet.stdout.splitlines()), quiet.stderr, quiet.returncode) == (2, "", 1)
    assert "1. 20 __main__.Session" in full.stdout
    for stage in (Stage.WORK, Stage.WALK, Stage.NAME, Stage.WRITE):
        assert f" s  {stage.value}\n" in full.stderr


def test_both_at_once_are_refused(saved):
    result = saved("report", "-q", "-v", "leaks.json")
    assert (result.returncode, result.stdout) == (2, "")
    assert "not allowed with argument" in result.stderr


def test_the_times_of_a_stage_that_comes_again_add_up(monkeypatch):
    clock = iter([0.0, 1.0, 3.0, 4.0, 6.0])
    monkeypatch.setattr("leakwatch.cli.level.monotonic", clock.__next__)
    times = StageTimes()
    for stage in (Stage.WALK, Stage.NAME, Stage.WALK):
        times.hear(stage, 0)
        times.hear(stage, 7)
    said = [line.split() for line in times.lines()]
    whole, *each = [(float(it[0]), " ".join(it[2:])) for it in said]
    assert whole == (6.0, "in all")
    assert each == [(1.0, "starting"), (4.0, "walking the heap"), (1.0, "naming what holds")]
