"""The walk over a file in C goes the ways of its twin in Python, and refuses what is no heap."""

from array import array

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leakwatch.heap.limits import MOST_HOLDERS
from leakwatch.snapshots.walking import NO_EDGE, UNREACHED, Known, expand

NATIVE = "leakwatch.snapshots._columns_native"


def known(offsets, targets, leaves):
    count = len(leaves)
    return Known(
        array("I", offsets),
        array("I", targets),
        bytearray(leaves),
        array("i", [UNREACHED]) * count,
        array("I", [NO_EDGE]) * count,
        bytearray(count),
    )


def two_steps(walk, heap, starts):
    """What two walks find one after the other, and what they note."""
    found = [walk(heap, array("I", [start]), MOST_HOLDERS) for start in starts]
    return found, heap.parents, heap.edges, heap.noted


@given(st.integers(1, 12), st.data())
def test_both_find_the_same_in_the_same_order(count, data):
    native = pytest.importorskip(NATIVE, exc_type=ImportError)
    numbers = st.integers(0, count - 1)
    held = data.draw(st.lists(st.lists(numbers, max_size=6), min_size=count, max_size=count))
    leaves = data.draw(st.lists(st.integers(0, 1), min_size=count, max_size=count))
    starts = data.draw(st.tuples(numbers, numbers))
    offsets = [sum(map(len, held[:number])) for number in range(count + 1)]
    targets = [target for targets in held for target in targets]
    heaps = [known(offsets, targets, leaves) for _ in range(2)]
    one, other = (
        two_steps(walk, heap, starts)
        for walk, heap in zip((native.expand, expand), heaps, strict=True)
    )
    assert one == other


def test_further_holders_of_a_leaf_are_noted_up_to_a_number():
    heap = known([0, 4, 5, 6, 7, 8, 8], [1, 2, 3, 4, 5, 5, 5, 5], [0, 0, 0, 0, 0, 1])
    found, held, holders = expand(heap, array("I", [0]), 2)
    assert [*array("I", found)] == [1, 2, 3, 4, 5]
    assert ([*array("I", held)], [*array("I", holders)]) == ([5, 5], [2, 3])


@pytest.mark.parametrize(
    ("offsets", "targets", "start"),
    [([0, 1, 1], [2], 0), ([0, 9, 9], [1], 0), ([0, 1, 1], [1], 2), ([0, 1], [1], 0)],
    ids=["a target", "an offset", "a start", "too few offsets"],
)
def test_numbers_that_lead_out_of_the_columns_are_refused_in_c(offsets, targets, start):
    native = pytest.importorskip(NATIVE, exc_type=ImportError)
    with pytest.raises(ValueError, match="not those of a heap"):
        native.expand(known(offsets, targets, [0, 0]), array("I", [start]), MOST_HOLDERS)
