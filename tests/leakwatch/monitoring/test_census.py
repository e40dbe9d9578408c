"""What a look notes: numbers, of which each can be asked for."""

import gc
import sys
import threading
from array import array
from pathlib import Path

import pytest

from leakwatch.monitoring.census import Addresses, Lengths, asked_about, look, names_of
from leakwatch.tracking.type_filter import type_filter


class Cart:
    pass


def test_a_look_counts_and_keeps_nothing_alive():
    carts = [Cart() for _ in range(7)]
    first = look()
    assert first.counts[id(Cart)] == 7
    assert all(id(cart) in Addresses(first.there) for cart in carts)
    later = look(first, first)
    assert not any(id(cart) in Addresses(later.there) for cart in carts)
    assert not [it for it in gc.get_referrers(carts[0]) if it is not carts]


def test_addresses_are_noted_in_their_order_each_once():
    kept = [[] for _ in range(10_000)]
    there = list(Addresses(look().there))
    assert there == sorted(set(there))
    assert set(map(id, kept)) <= set(there)


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the C library gives the pages")
def test_what_a_look_needed_is_given_back_by_the_thread_that_looked():
    kept = [[] for _ in range(400_000)]
    first = look()
    pages: list[int] = []
    for _ in range(6):
        thread = threading.Thread(target=look, args=(first, first))
        thread.start()
        thread.join()
        pages.append(int(Path("/proc/self/statm").read_text().split()[1]))
    # The columns of a look at so many objects are 2,000 pages and more.
    assert pages[-1] - pages[0] < 1000
    assert kept


def test_of_containers_only_those_that_grew_at_each_look_stay():
    lists: list[list[int]] = [[], [1], [2]]
    names = {"a": 1}
    first = look()
    assert Lengths(first.lengths).get(id(lists[1])) == 1
    lists[0].append(1)
    lists[1].append(1)
    names["b"] = 2
    second = look(first, first)
    lists[0].append(2)
    names["c"] = 3
    third = look(first, second)
    found = set(Lengths(third.lengths))
    assert id(lists[0]) in found
    assert not found & {id(lists[1]), id(lists[2])}


def test_a_dict_that_only_its_holder_shows_is_measured():
    class Holder:
        pass

    holder = Holder()
    holder.seen = {"a": "b"}
    assert Lengths(look().lengths).get(id(holder.seen)) == 1


def test_types_are_known_by_their_names_and_chosen():
    carts = [Cart()]
    assert names_of(frozenset({id(Cart)})) == {id(Cart): f"{__name__}.Cart"}
    assert asked_about(type_filter([Cart])) == {id(Cart)}
    assert id(Cart) in asked_about(None)
    assert carts


@pytest.mark.parametrize("numbers", [[], [3], [3, 9, 12]])
def test_an_address_is_found_among_those_that_were_noted(numbers):
    found = Addresses(array("Q", numbers).tobytes())
    assert [it for it in range(14) if it in found] == numbers
