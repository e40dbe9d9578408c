"""Settling: look, collect, look, wait a little longer each time, and never without need."""

import asyncio

import pytest

from leakwatch.tracking import settling
from leakwatch.tracking.settling import COLLECTIONS, settle, settle_async, stages


def alive_for(looks: int):
    left = iter(range(looks))
    return lambda: next(left, None) is not None


@pytest.fixture
def always_garbage(monkeypatch):
    """A collector that always finds something to free."""
    monkeypatch.setattr(settling, "collect_all", lambda: 1)


@pytest.fixture
def no_garbage(monkeypatch):
    monkeypatch.setattr(settling, "collect_all", lambda: 0)


def test_nothing_alive_nothing_done():
    done = settle(alive_for(0))
    assert (done.collections, done.waited) == (0, 0.0)


def test_it_stops_at_the_first_look_that_finds_nothing(always_garbage):
    assert settle(alive_for(1)).collections == 1
    assert settle(alive_for(2)).collections == 2


def test_a_collection_that_freed_nothing_is_not_repeated(no_garbage):
    assert settle(alive_for(10**6)).collections == 1


def test_where_others_go_on_only_the_young_generations_are_collected(monkeypatch):
    monkeypatch.setattr(settling, "collect_all", None)
    assert settle(alive_for(10**6), collecting=False).collections > 0


def test_it_collects_three_times_before_it_waits_and_once_after(always_garbage):
    waits, done = stepped(stages(alive_for(10**6), 0.01, others=False, collecting=True))
    assert waits[:COLLECTIONS] == [0.0] * COLLECTIONS
    assert done.collections == COLLECTIONS + 1 == 4


def test_waits_grow_and_add_up_to_the_grace():
    waits = filter(None, stages(alive_for(10**9), 60.0, others=False, collecting=True))
    first = [next(waits) for _ in range(8)]
    assert first == sorted(first)
    assert first[1] == 2 * first[0]
    assert sum(first) < 60


def test_without_grace_and_others_it_does_not_wait():
    waits, done = stepped(stages(alive_for(10**6), 0.0, others=False, collecting=True))
    assert sum(waits) == done.waited == 0


def stepped(waits):
    """The waits, none of which is made, and what is returned at their end."""
    made = []
    while True:
        try:
            made.append(next(waits))
        except StopIteration as done:
            return made, done.value


def test_a_coroutine_gives_way_while_it_waits():
    steps = []

    async def other():
        steps.append("other")

    async def main():
        task = asyncio.create_task(other())
        done = await settle_async(lambda: not steps, grace=5)
        await task
        return done

    assert asyncio.run(main()).collections == 0
    assert steps == ["other"]
