"""What is asked of a column before it is believed has the same answers in C and in Python."""

from array import array

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leakwatch.snapshots import bounds

NATIVE = "leakwatch.snapshots._columns_native"
NUMBERS = st.integers(0, 9) | st.integers((1 << 32) - 9, (1 << 32) - 1)


@given(st.lists(NUMBERS, max_size=12), NUMBERS, NUMBERS)
def test_both_answer_alike(numbers, low, high):
    native = pytest.importorskip(NATIVE, exc_type=ImportError)
    column = memoryview(array("I", numbers))
    assert native.largest(column) == bounds.largest_in(column) == max(numbers, default=0)
    assert native.rises(column) is bounds.is_rising(column) is (numbers == sorted(numbers))
    between = any(low <= it < high for it in numbers)
    found = native.any_between(column, low, high), bounds.has_any_between(column, low, high)
    assert found == (between, between)


def test_a_column_that_is_not_of_such_numbers_is_refused_in_c():
    native = pytest.importorskip(NATIVE, exc_type=ImportError)
    with pytest.raises(ValueError, match="not of 32-bit numbers"):
        native.largest(b"abc")
