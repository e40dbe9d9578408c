"""Reports of repeated scopes, added up by name."""

from dataclasses import replace
from itertools import pairwise

import pytest

from leakwatch.compare import group
from leakwatch.compare.group import MOST_SAMPLES, grouped
from leakwatch.errors import ReportFileError
from leakwatch.model import Leak, MemoryGrowth, RetentionPath, Root
from leakwatch.report import Report

PATH = RetentionPath(Root("module global", "shop"), (), "shop.Index")
LEAK = Leak("shop.Index", 2, None, 96, 1_000, "0123456789ab", PATH)


def runs_of(*reports):
    return grouped((report.scope, "1.jsonl", report) for report in reports)


def grown(**changes):
    start = dict.fromkeys(changes, 1_000)
    return MemoryGrowth(start, {name: 1_000 + change for name, change in changes.items()})


def test_each_name_has_its_runs_in_the_order_in_which_they_came():
    groups = runs_of(Report("b"), Report("a"), Report("b"))
    assert {name: runs.count for name, runs in groups.items()} == {"b": 2, "a": 1}
    assert list(groups) == ["b", "a"]


def test_a_leak_is_told_per_run_over_all_runs():
    leaky = Report("x", leaks=(LEAK,), known=(replace(LEAK, signature="f" * 12),))
    whole = runs_of(leaky, leaky, Report("x"), Report("x"))["x"].report()
    (leak,) = whole.leaks
    assert (leak.count, leak.growth, leak.retained_bytes, leak.path) == (4, 1.0, 2_000, PATH)
    assert whole.kind == "hunt"
    assert [known.growth for known in whole.known] == [1.0]


def test_what_each_run_changed_adds_up_and_what_others_took_meanwhile_does_not():
    first = MemoryGrowth({"rss": 1_000}, {"rss": 1_500})
    second = MemoryGrowth({"rss": 9_000}, {"rss": 8_900})
    memory = runs_of(Report("x", memory=first), Report("x", memory=second))["x"].report().memory
    assert memory.change == {"rss": 400}
    assert [(it.runs, it.figures["rss"]) for it in memory.samples] == [(1, 1_500), (2, 1_400)]


def test_a_figure_that_few_runs_have_is_left_out():
    with_uss, without = (Report("x", memory=it) for it in (grown(rss=1, uss=9), grown(rss=1)))
    memory = runs_of(*[with_uss, without, without] * 4)["x"].report().memory
    assert memory.change == {"rss": 12}
    assert runs_of(Report("x"))["x"].report().memory is None


def test_samples_of_many_runs_are_spread_over_all_of_them():
    groups = grouped(
        ("x", "1.jsonl", Report("x", memory=grown(rss=10))) for _ in range(5 * MOST_SAMPLES)
    )
    samples = groups["x"].report().memory.samples
    assert MOST_SAMPLES / 2 <= len(samples) <= MOST_SAMPLES
    steps = {after.runs - before.runs for before, after in pairwise(samples)}
    assert len(steps) == 1
    assert samples[-1].figures["rss"] == 1_000 + 10 * samples[-1].runs


def test_what_was_not_judged_and_every_note_is_counted():
    odd = Report("x", not_judged="a fault", partial="no time", notes=("y",), explained_share=0.5)
    whole = runs_of(odd, odd, Report("x"))["x"].report()
    assert whole.not_judged == "2 of 3 runs: a fault"
    assert whole.partial == "2 of 3 runs: no time"
    assert whole.notes == ("added up from 3 runs", "y (2 runs)")
    assert whole.explained_share == 0.5


def test_what_only_first_runs_leave_behind_is_warm_up():
    first, both = (Report("x", leaks=(replace(LEAK, signature=it * 12),)) for it in "ab")
    runs = [("x", file, replace(first, leaks=first.leaks + both.leaks)) for file in ("1", "2")]
    whole = grouped([*runs, ("x", "1", both), ("x", "2", Report("x"))])["x"].report()
    assert [leak.signature for leak in whole.leaks] == ["b" * 12]
    assert whole.notes[1] == "left behind by the first run only, as a cache does: 4 shop.Index"
    # Of a name that ran once in each process nobody can tell.
    assert len(grouped(runs)["x"].report().leaks) == 2


def test_scopes_with_a_number_of_their_own_are_refused(monkeypatch):
    monkeypatch.setattr(group, "MOST_GROUPS", 2)
    with pytest.raises(ReportFileError, match="more than 2 different names, 'task 3' is one more"):
        runs_of(*(Report(f"task {number}") for number in (1, 2, 1, 3)))
