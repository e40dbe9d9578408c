"""What the interpreter is asked to do, and does."""

import gc

import pytest

from leakwatch.guest import collector
from leakwatch.guest.collector import paused_collector
from leakwatch.guest.guarded import native


@pytest.fixture
def collections():
    """The generations that are collected, one after the other."""
    begun = []

    def note(phase, info):
        if phase == "start":
            begun.append(info["generation"])

    gc.collect()
    gc.callbacks.append(note)
    yield begun
    gc.callbacks.remove(note)


def test_no_collection_is_made_while_the_collector_is_paused(collections):
    with paused_collector():
        collections.clear()
        kept = [[] for _ in range(30_000)]
        inside = list(collections)
    kept += [[] for _ in range(30_000)]
    assert not inside
    assert collections


def test_the_programs_own_thresholds_stand_whatever_it_sets_meanwhile():
    before = gc.get_threshold()
    try:
        with paused_collector():
            assert not collector.collector_runs()
            gc.set_threshold(321, 4, 5)
        assert gc.get_threshold()[0] == 321
    finally:
        gc.set_threshold(*before)
    assert collector.collector_runs()


@pytest.mark.skipif(native is None, reason="it takes the native part")
@pytest.mark.parametrize("length", [1, 9, 10, 11, 25, 26, 43, 44, 200])
def test_a_list_of_all_objects_is_in_the_way_of_no_tuple_that_is_being_built(length):
    lists = []

    def items():
        for number in range(length):
            lists[:] = [collector.get_objects()]
            yield number

    # With `gc.get_objects`: SystemError, bad argument to internal function.
    assert tuple(items()) == tuple(range(length))
    lists.clear()


def test_tuples_that_are_complete_are_listed():
    complete = [((), number) for number in range(100)]
    known = set(map(id, collector.get_objects()))
    assert known.issuperset(map(id, complete))
