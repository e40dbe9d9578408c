"""A deadline cuts what is left of an analysis, never all of it, and says that it did."""

import pytest

from leakwatch.heap import limits
from leakwatch.heap.limits import Deadline


@pytest.fixture
def clock(monkeypatch):
    """Times that are told one after the other."""

    def tells(*times):
        monkeypatch.setattr(limits, "monotonic", iter(times).__next__)

    return tells


def test_what_there_is_time_for_is_done_and_the_rest_left_out(clock):
    clock(0.0, 5.0, 11.0)
    deadline = Deadline(10.0)
    assert list(deadline.cut("abcd")) == ["a", "b"]
    assert deadline.passed


def test_the_first_part_is_done_however_late_it_is(clock):
    clock(0.0, 99.0)
    deadline = Deadline(10.0)
    assert list(deadline.cut("ab")) == ["a"]


def test_nothing_was_left_out_where_the_last_part_was_late(clock):
    clock(0.0, 99.0)
    deadline = Deadline(10.0)
    assert (list(deadline.cut("a")), deadline.passed) == (["a"], False)


def test_a_walk_leaves_time_to_name_what_it_finds(clock):
    clock(0.0, 2.0, 99.0)
    deadline = Deadline(10.0)
    assert deadline.for_a_walk() == pytest.approx(6.0)
    assert deadline.for_a_walk() == 0.0
