"""What a baseline accepts, what has outgrown it, what it has too much."""

from dataclasses import replace
from datetime import date

import pytest

from leakwatch.compare import baseline as subject
from leakwatch.compare.baseline import Accepted, Baseline, compare, pruned, written
from leakwatch.model import Leak, Pattern, Reference, RetentionPath, Root
from leakwatch.report import Report

PATH = RetentionPath(Root("module global", "shop"), (Reference("module", ".OPEN"),), "shop.Cart")
LEAK = Leak("shop.Cart", 20, None, 10, 20, "0123456789ab", PATH)
GROWING = replace(LEAK, growth=1.0)
ENTRY = Accepted("0123456789ab", "shop.Cart", 20, "known since the start")
OTHER = Accepted("ffffffffffff", "shop.Item", 5, "gone by now", scope="app.py")


def report(*leaks, **fields):
    return Report("app.py", "run", leaks=leaks, **fields)


def test_an_accepted_leak_is_shown_among_the_known_with_its_reason():
    applied = Baseline((ENTRY,)).applied(report(LEAK))
    assert applied.ok
    assert applied.known[0].reasons == ("in the baseline: known since the start",)


def test_a_new_leak_fails():
    assert Baseline((OTHER,)).applied(report(LEAK)).leaks == (LEAK,)


def test_more_than_is_accepted_fails_and_says_so():
    applied = Baseline((ENTRY,)).applied(report(replace(LEAK, count=21)))
    assert applied.leaks[0].reasons == ("the baseline accepts 20, found 21",)
    assert not applied.known


def test_fewer_than_are_accepted_fail_nothing():
    assert Baseline((ENTRY,)).applied(report(replace(LEAK, count=1))).ok


@pytest.mark.parametrize(("growth", "fits"), [(1.0, True), (1.004, True), (1.2, False)])
def test_repeated_work_is_compared_by_its_growth_for_the_runs_differ(growth, fits):
    entry = replace(ENTRY, growth=1.0)
    found = replace(LEAK, count=10_000, growth=growth)
    assert Baseline((entry,)).applied(report(found)).ok is fits


def test_an_entry_accepts_until_its_day_and_no_longer(monkeypatch):
    baseline = Baseline((replace(ENTRY, expires=date(2030, 1, 31)),))
    monkeypatch.setattr(subject, "local_today", lambda: date(2030, 1, 31))
    assert baseline.applied(report(LEAK)).ok
    monkeypatch.setattr(subject, "local_today", lambda: date(2030, 2, 1))
    reasons = baseline.applied(report(LEAK)).leaks[0].reasons
    assert reasons == ("the baseline accepted it until 2030-01-31: known since the start",)


def test_what_is_not_found_is_named_stale():
    (note,) = Baseline((ENTRY, OTHER), "base.toml").applied(report(LEAK)).notes
    assert "ffffffffffff (shop.Item)" in note
    assert "base.toml" in note


@pytest.mark.parametrize("fields", [{"partial": "out of time"}, {"not_judged": "a fault"}])
def test_an_incomplete_report_makes_nothing_stale(fields):
    assert Baseline((OTHER,)).applied(report(**fields)).notes == ()


def test_an_entry_of_another_program_is_not_missed():
    elsewhere = replace(OTHER, scope="other.py")
    assert Baseline((elsewhere,)).applied(report()).notes == ()
    assert pruned(Baseline((elsewhere,)), [report()]).entries == (elsewhere,)


def test_writing_keeps_order_and_reasons_and_adds_behind():
    new = replace(LEAK, signature="aaaaaaaaaaaa", count=3)
    old = Baseline((OTHER, ENTRY))
    entries = written(old, [report(replace(LEAK, count=30), new)], "why").entries
    assert entries[:2] == (OTHER, replace(ENTRY, count=30))
    assert entries[2] == Accepted("aaaaaaaaaaaa", "shop.Cart", 3, "why", scope="app.py")


def test_a_new_entry_has_the_path_and_the_advice():
    pattern = Pattern("LW101", "container that only grows", "it keeps all", "bound it")
    (entry,) = written(Baseline(), [report(replace(LEAK, pattern=pattern))]).entries
    assert (entry.held_by, entry.advice) == (LEAK.path.expression, "LW101: bound it")


def test_pruning_takes_out_what_is_gone_and_lowers_what_shrank():
    entries = pruned(Baseline((OTHER, ENTRY)), [report(replace(LEAK, count=2))]).entries
    assert entries == (replace(ENTRY, count=2),)


def test_what_a_report_says_was_accepted_is_still_there():
    baseline = Baseline((ENTRY,))
    accepted = baseline.applied(report(LEAK))
    assert not compare(baseline, [accepted]).stale
    assert pruned(baseline, [accepted]).entries == (ENTRY,)


def test_of_several_reports_the_largest_counts():
    entries = written(Baseline(), [report(LEAK), report(replace(LEAK, count=90))]).entries
    assert [entry.count for entry in entries] == [90]


def test_growth_is_accepted_by_its_rate():
    (entry,) = written(Baseline(), [report(GROWING)]).entries
    assert entry.growth == 1.0
