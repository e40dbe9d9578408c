"""Causes over many reports: told once, then counted, and never more than so many."""

from dataclasses import replace

from leakwatch.compare.tally import LONGEST, OTHER, Tally, is_news, outcome
from leakwatch.model import Leak, RetentionPath, Root
from leakwatch.report import Report


def leak(signature="a", type_name="shop.Cart", **changes):
    path = RetentionPath(Root("module global", "shop"), (), type_name)
    return replace(Leak(type_name, 4, None, 40, 400, signature, path), **changes)


def told(tally, *leaks, **changes):
    finds = tally.add(replace(Report("work", leaks=leaks), **changes))
    return [(it.signature, it.times, it.is_new) for it in finds]


def test_a_cause_is_new_once_and_then_counted():
    tally = Tally()
    assert told(tally, leak(), leak("b")) == [("a", 1, True), ("b", 1, True)]
    assert told(tally, leak()) == [("a", 2, False)]


def test_a_cause_that_a_monitor_has_told_before_is_counted_on():
    tally = Tally()
    told(tally, leak())
    again = {"known": (leak(count=9), leak("accepted"))}
    assert told(tally, **again) == [("a", 2, False)]
    assert [it.leak.count for it in tally.last()] == [9]


def test_a_cause_keeps_the_type_that_it_was_told_by_first():
    tally = Tally()
    told(tally, leak(type_name="shop." + "C" * 300))
    (find,) = tally.add(Report("work", leaks=(leak(type_name="shop.Line"),)))
    assert (find.type_name[:6], len(find.type_name)) == ("shop.C", LONGEST)


def test_beyond_the_most_all_causes_are_other_and_none_is_new():
    tally = Tally(most=2)
    assert told(tally, leak("a"), leak("b"), leak("c")) == [
        ("a", 1, True),
        ("b", 1, True),
        (OTHER, 1, False),
    ]
    assert told(tally, leak("d"), leak("a")) == [(OTHER, 2, False), ("a", 2, False)]
    assert {it.signature for it in tally.last()} == {"a", "b", OTHER}


def test_a_clean_scope_and_an_answer_to_why_are_no_news():
    known, found = Report("work", known=(leak(),)), Report("work", leaks=(leak(),))
    news = [known, found, Report("work", not_judged="lost"), Report("work", "hunt")]
    assert all(map(is_news, news))
    assert not any(map(is_news, [Report("work"), replace(found, kind="why")]))


def test_how_a_judgement_ended_is_said_by_the_worst_that_is_known():
    ends = [{"leaks": (leak(),), "not_judged": "lost"}, {"not_judged": "lost", "partial": "x"}]
    ends += [{"partial": "x"}, {}]
    expected = ["leaks", "not judged", "partial", "clean"]
    assert [outcome(Report("work", **it)) for it in ends] == expected
