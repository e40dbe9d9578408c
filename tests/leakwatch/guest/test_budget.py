"""A dear reading gets a share of the time and no more."""

import pytest

from leakwatch.guest.budget import Budget


class Clock:
    def __init__(self):
        self.time = 0.0

    def __call__(self):
        return self.time


@pytest.fixture
def clock():
    return Clock()


def reading(clock, cost):
    def read():
        clock.time += cost
        return "read"

    return read


def test_the_first_reading_is_free(clock):
    assert Budget(0.01, clock=clock, spent=clock).take(reading(clock, 1.0)) == "read"


def test_the_next_reading_waits_until_its_cost_is_the_share(clock):
    budget = Budget(0.01, clock=clock, spent=clock)
    budget.take(reading(clock, 1.0))
    clock.time += 99.0
    assert budget.take(reading(clock, 1.0)) is None
    clock.time += 1.0
    assert budget.take(reading(clock, 1.0)) == "read"


def test_a_cheap_reading_may_come_often(clock):
    budget = Budget(0.01, clock=clock, spent=clock)
    budget.take(reading(clock, 0.001))
    clock.time += 0.2
    assert budget.take(reading(clock, 0.001)) == "read"


def test_a_reading_that_fails_uses_up_its_ration_too(clock):
    def refused():
        clock.time += 1.0
        raise PermissionError("not yours")

    budget = Budget(0.5, clock=clock, spent=clock)
    with pytest.raises(PermissionError, match="not yours"):
        budget.take(refused)
    assert budget.take(reading(clock, 1.0)) is None


def test_time_that_was_not_used_is_saved_up(clock):
    budget = Budget(0.01, saved=2.5, clock=clock, spent=clock)
    taken = [budget.take(reading(clock, 1.0)) for _ in range(5)]
    assert taken == ["read", "read", "read", None, None]


def test_no_more_than_that_is_saved_up(clock):
    budget = Budget(0.01, saved=2.5, clock=clock, spent=clock)
    budget.take(reading(clock, 1.0))
    clock.time += 1_000_000.0
    assert [budget.take(reading(clock, 1.0)) for _ in range(4)].count("read") == 3


def test_a_reading_that_has_to_be_is_paid_for_by_the_next(clock):
    budget = Budget(0.01, clock=clock, spent=clock)
    assert [budget.charge(reading(clock, 1.0)) for _ in range(2)] == ["read", "read"]
    clock.time += 198.0
    assert budget.take(reading(clock, 1.0)) is None
    clock.time += 2.0
    assert budget.take(reading(clock, 1.0)) == "read"


def test_what_a_reading_waited_for_the_processor_is_not_its_cost(clock):
    budget = Budget(0.01, clock=clock, spent=Clock())
    budget.take(reading(clock, 1.0))
    assert budget.take(reading(clock, 1.0)) == "read"
