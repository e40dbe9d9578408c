"""A frame weighs what pandas itself says, with the hash table of an index that was searched."""

import pytest

import leakwatch
from leakwatch.heap.of_class import loaded_calls
from leakwatch.paths.sizes import size_of_groups
from leakwatch_pandas import leakwatch_sizeof

pandas = pytest.importorskip("pandas")
numpy = pytest.importorskip("numpy")

ROWS = 10_000
KEPT: list[object] = []


class Holder:
    def __init__(self, frame):
        self.frame = frame


@pytest.mark.parametrize(
    "make",
    [
        lambda: pandas.DataFrame({"a": numpy.arange(ROWS), "b": numpy.arange(ROWS) * 0.5}),
        lambda: pandas.DataFrame({"a": pandas.date_range("2020", periods=ROWS, freq="s")}),
        lambda: pandas.DataFrame({"a": pandas.array(list(range(ROWS)), dtype="Int64")}),
        lambda: pandas.DataFrame({"a": pandas.Categorical(["cart", "order"] * (ROWS // 2))}),
    ],
)
def test_a_frame_weighs_what_pandas_says(make):
    KEPT.clear()
    with leakwatch.scope("load", types=[Holder], on_leak="log") as scope:
        KEPT.append(Holder(make()))
    said = int(KEPT[0].frame.memory_usage(deep=True).sum())
    (leak,) = scope.report.leaks
    assert said <= leak.retained_bytes < 1.1 * said + 5_000


def test_an_engine_weighs_the_table_that_a_search_made():
    index = pandas.Index(numpy.random.default_rng(1).permutation(ROWS))
    before = size_of_groups([[index._engine]], loaded_calls(leakwatch_sizeof()))
    index.get_loc(7)
    after = size_of_groups([[index._engine]], loaded_calls(leakwatch_sizeof()))
    assert after - before > 8 * ROWS
