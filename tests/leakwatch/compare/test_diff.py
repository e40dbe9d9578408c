"""What became of each leak, from one report to the next."""

from dataclasses import replace

import pytest

from leakwatch.compare.diff import Change, appeared_besides, compared, verified
from leakwatch.model import Leak, Pattern, Reference, RetentionPath, Root
from leakwatch.report import Report

PATH = RetentionPath(Root("module global", "shop"), (Reference("module", ".OPEN"),), "shop.Cart")
LEAK = Leak("shop.Cart", 20, None, 10, 20, "0123456789ab", PATH, Pattern("LW101", "t", "e", "f"))
ELSEWHERE = replace(LEAK, signature="aaaaaaaaaaaa")
OTHER = replace(LEAK, signature="ffffffffffff", type_name="shop.Item")


def report(*leaks, **fields):
    return Report("app.py", "run", leaks=leaks, **fields)


def changes(entries):
    return [(entry.change, entry.leak.signature) for entry in entries]


@pytest.mark.parametrize(
    ("before", "after", "change"),
    [
        (LEAK, LEAK, Change.UNCHANGED),
        (LEAK, replace(LEAK, count=21), Change.GROWN),
        (LEAK, replace(LEAK, count=2), Change.SHRUNK),
        (replace(LEAK, growth=1.0), replace(LEAK, growth=1.0, count=900), Change.UNCHANGED),
        (replace(LEAK, growth=1.0), replace(LEAK, growth=2.0, count=1), Change.GROWN),
    ],
)
def test_the_same_signature_is_the_same_leak(before, after, change):
    assert changes(compared(report(before), report(after))) == [(change, LEAK.signature)]
    assert changes(verified(report(before), report(after))) == [(change, LEAK.signature)]


def test_what_is_in_one_report_only_is_new_or_gone():
    found = compared(report(LEAK), report(OTHER))
    assert changes(found) == [(Change.NEW, OTHER.signature), (Change.GONE, LEAK.signature)]


def test_what_was_accepted_meanwhile_is_not_gone():
    found = compared(report(LEAK), report(known=(LEAK,)))
    assert changes(found) == [(Change.ACCEPTED, LEAK.signature)]


def test_the_same_type_and_pattern_held_elsewhere_has_moved():
    assert changes(verified(report(LEAK), report(ELSEWHERE))) == [(Change.MOVED, "aaaaaaaaaaaa")]
    assert not appeared_besides(
        report(LEAK), verified(report(LEAK), report(ELSEWHERE)), report(ELSEWHERE)
    )


def test_one_new_place_is_where_one_leak_moved_to():
    twin = replace(LEAK, signature="bbbbbbbbbbbb")
    found = verified(report(LEAK, twin), report(ELSEWHERE))
    assert sorted(change for change, _ in changes(found)) == [Change.FIXED, Change.MOVED]


def test_a_leak_of_another_type_proves_nothing_and_is_told_apart():
    found = verified(report(LEAK), report(OTHER))
    assert changes(found) == [(Change.FIXED, LEAK.signature)]
    assert appeared_besides(report(LEAK), found, report(OTHER)) == [OTHER]


def test_an_accepted_leak_can_be_verified_too():
    assert changes(verified(report(known=(LEAK,)), report())) == [(Change.FIXED, LEAK.signature)]
