"""An array of pyarrow's weighs its buffers, which slices, columns and tables share."""

import pytest

from leakwatch.heap.of_class import loaded_calls
from leakwatch.paths.sizes import SharedBuffers, bytes_of_groups
from leakwatch_pyarrow import leakwatch_sizeof

pyarrow = pytest.importorskip("pyarrow")

VALUES = 8 * 10_000


def bytes_of(*subjects):
    groups = [[subject] for subject in subjects]
    return bytes_of_groups(groups, loaded_calls(leakwatch_sizeof()), SharedBuffers()).process


@pytest.mark.parametrize(
    "made_of",
    [
        lambda array: array,
        lambda array: array.slice(3, 5),
        lambda array: pyarrow.chunked_array([array]),
        lambda array: pyarrow.table({"a": array, "again": array}),
        lambda array: pyarrow.RecordBatch.from_arrays([array], ["a"]),
    ],
)
def test_whatever_has_the_buffer_weighs_all_of_it(made_of):
    array = pyarrow.array(range(10_000))
    subject = made_of(array)
    assert VALUES <= bytes_of(subject) < 1.1 * VALUES
    assert VALUES <= bytes_of(array, subject) < 1.1 * VALUES


def test_nested_and_empty_arrays_weigh_what_they_have():
    nested = pyarrow.array([{"name": "cart", "items": [1, 2, 3]}] * 1_000)
    assert nested.get_total_buffer_size() <= bytes_of(nested)
    assert bytes_of(pyarrow.nulls(10)) < 500
