"""A bound that a container has is told with the leak."""

from collections import deque

import pytest

import leakwatch

LAST = deque(maxlen=500_000)


class LRUCache:
    def __init__(self):
        self.limit, self.maxsize, self.count, self.data = 5_000_000, None, 7, {}


CACHE = LRUCache()


class Slotted(dict):
    __slots__ = ("capacity", "limit")

    def __init__(self):
        self.capacity = 5_000_000  # and `limit` is not set


SLOTTED = Slotted()


class Result: ...


@pytest.fixture(autouse=True)
def _empty():
    yield
    LAST.clear()
    CACHE.data.clear()
    SLOTTED.clear()


def test_a_deque_says_how_many_it_holds():
    (leak,) = leakwatch.hunt(lambda: LAST.append(Result())).leaks
    assert "the deque holds at most 500,000" in leak.reasons


def test_a_cache_says_what_it_calls_its_limit():
    def work():
        CACHE.data[len(CACHE.data)] = Result()

    (leak,) = leakwatch.hunt(work).leaks
    assert leak.reasons == (f"{__name__}.LRUCache has limit = 5,000,000: it may stop there",)


def test_a_limit_in_a_slot_is_read_too():
    def work():
        SLOTTED[len(SLOTTED)] = Result()

    (leak,) = leakwatch.hunt(work).leaks
    assert leak.reasons == (f"{__name__}.Slotted has capacity = 5,000,000: it may stop there",)
