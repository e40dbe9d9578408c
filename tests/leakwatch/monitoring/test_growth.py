"""What counts as rising, though work in flight goes up and down."""

import pytest

from leakwatch.monitoring.growth import grows_since_it_began, rises, rising, slope


@pytest.mark.parametrize(
    ("counts", "answer"),
    [
        ([1, 2, 3, 4, 5, 6], True),
        ([100, 130, 125, 160, 180, 210], True),
        ([10, 10, 10, 10, 10, 10], False),
        ([40, 52, 47, 41, 55, 44], False),
        ([0, 50, 100, 100, 100, 100], False),
        ([9, 8, 7, 6, 5, 10], False),
        ([7], False),
        ([], False),
    ],
    ids=["leak", "leak-in-traffic", "still", "traffic", "full", "one-burst", "one-look", "none"],
)
def test_what_rises_throughout_is_told_from_traffic_and_from_a_plateau(counts, answer):
    assert rises(counts) is answer


def test_the_slope_is_not_moved_by_one_look_in_the_midst_of_much_work():
    assert slope([0, 1, 2, 3, 4], [0, 10, 900, 30, 40]) == pytest.approx(10)
    assert slope([1.0], [5]) == 0


def test_a_type_that_came_later_counts_from_nothing():
    assert rising([{1: 5}, {1: 5, 2: 3}, {1: 5, 2: 6}, {1: 5, 2: 9}]) == {2}
    assert rising([]) == frozenset()


@pytest.mark.parametrize(
    ("ages", "answer"),
    [
        ([0, 1, 2, 3, 4, 5, 6, 7, 8, 9], True),
        ([5, 5, 6, 6, 7, 7, 8, 8, 9, 9], True),
        ([0] + 3 * [4, 5, 6, 7, 8, 9] + [9, 9], True),
        ([7, 7, 7, 8, 8, 8, 9, 9, 9], False),
        ([0, 1, 2, 3, 4, 5], False),
        ([5, 5, 5, 5, 6, 6, 6], False),
        ([9], False),
    ],
    ids=["throughout", "since-half", "few-before", "since-late", "full", "full-since-half", "one"],
)
def test_growth_may_begin_up_to_half_of_the_time_ago(ages, answer):
    assert grows_since_it_began(ages, 10) is answer
