"""How leaks and reports add up."""

from dataclasses import replace

import pytest

from leakwatch.compare.adding import (
    added,
    distinct,
    merged_leaks,
    merged_reports,
    scaled,
    summed,
    summed_types,
    summed_where_both,
)
from leakwatch.model import Leak, LeakedType, RetentionPath, Root, Settling
from leakwatch.report import Report


def leak(signature="a", **changes):
    path = RetentionPath(Root("module global", "shop"), (), "shop.Cart")
    return replace(Leak("shop.Cart", 4, None, 40, 400, signature, path), **changes)


def test_counts_and_sizes_are_summed_and_all_else_is_the_leading_ones():
    one, other = leak(reasons=("kept",)), leak(count=1, reasons=("closed",), growth=2.0)
    assert added(one, other) == replace(one, count=5, shallow_bytes=80, retained_bytes=800)
    assert added(one, other, growth=1.0).growth == 1.0


def test_a_part_of_a_leak_has_its_share_of_the_sizes():
    part = scaled(leak(), 1)
    assert (part.count, part.shallow_bytes, part.retained_bytes) == (1, 10, 100)


def test_a_part_of_a_leak_does_not_have_the_retained_types_of_the_whole():
    whole = leak(types=(LeakedType("shop.Cart", 4, 400), LeakedType("shop.Item", 9)))
    assert scaled(whole, 1).types == (LeakedType("shop.Cart", 1, 100),)
    assert scaled(whole, 4) == whole


def test_leaks_are_merged_by_signature_the_largest_first():
    one = leak(reasons=("kept",), types=(LeakedType("shop.Item", 1),))
    other = leak(reasons=("closed", "kept"), types=(LeakedType("shop.Price", 2),))
    large = leak("b", retained_bytes=900)
    assert merged_leaks([one], [other, large]) == (
        large,
        added(
            one,
            other,
            reasons=("kept", "closed"),
        ),
    )


def test_reports_are_merged_with_what_was_done_and_what_is_missing():
    one = Report("suite", settling=Settling(2, 0.5), not_judged="lost", notes=("a", "b"))
    other = Report(
        "suite",
        explained_share=0.5,
        settling=Settling(1, 0.25),
        partial="stopped",
        not_judged="broken",
        notes=("b", "c"),
    )
    assert merged_reports(one, other) == Report(
        "suite",
        explained_share=0.5,
        partial="stopped",
        not_judged="lost; broken",
        settling=Settling(3, 0.75),
        notes=("a", "b", "c"),
    )
    assert merged_reports(one, one).not_judged == "lost"


@pytest.mark.parametrize("nothing", [(), (LeakedType("shop.Item", 0),)])
def test_types_are_summed_by_name(nothing):
    items = (LeakedType("shop.Item", 2), LeakedType("shop.Price", 1))
    assert summed_types(items, (LeakedType("shop.Item", 3), *nothing)) == (
        LeakedType("shop.Item", 5),
        LeakedType("shop.Price", 1),
    )


def test_numbers_are_summed_by_name():
    one, other = {"a": 1, "b": 2}, {"c": 4, "b": 3}
    assert list(summed(one, other).items()) == [("a", 1), ("b", 5), ("c", 4)]
    assert summed_where_both(one, other) == {"b": 5}


def test_what_is_distinct_keeps_its_order():
    assert distinct("ab", "bca") == ("a", "b", "c")
