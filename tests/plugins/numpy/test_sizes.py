"""An array weighs its own memory, and that of the arrays that only it refers to."""

import sys

import pytest

import leakwatch
from leakwatch.heap.of_class import loaded_calls
from leakwatch.paths.sizes import SharedBuffers, bytes_of_groups, size_of_groups
from leakwatch_html import render_page
from leakwatch_numpy import leakwatch_sizeof

numpy = pytest.importorskip("numpy")


def size_of(subject):
    return size_of_groups([[subject]], loaded_calls(leakwatch_sizeof()))


def test_a_view_counts_the_array_that_only_it_holds():
    owner = numpy.zeros(10_000)
    assert size_of(owner) == sys.getsizeof(owner) > 80_000
    view = numpy.zeros(10_000)[::2].reshape(50, 100)
    assert size_of(view) == sys.getsizeof(view) + sys.getsizeof(owner)
    shared = owner[::2]
    assert size_of(shared) == sys.getsizeof(shared)


def test_a_subclass_of_array_runs_no_code_of_its_own():
    class Trap(numpy.ndarray):
        def trap(self, *arguments):
            raise AssertionError("user code ran")

        __sizeof__ = __getattribute__ = __len__ = base = property(trap)

    view = numpy.zeros(10_000)[1:].view(Trap)
    assert size_of(view) > 80_000


def test_a_class_that_calls_itself_an_array_is_none():
    forged = type("ndarray", (), {"__module__": numpy.__name__})()
    assert size_of(forged) == sys.getsizeof(forged)


class Sample:
    def __init__(self, values):
        self.values = values


ONE, OTHER, PIECES = [], [], []


def views_in_two_lists():
    base = numpy.ones(10_000)
    ONE.append(base[:3])
    OTHER.append(base[5:8])


def views_in_objects():
    base = numpy.ones(10_000)
    PIECES.extend((Sample(base[:3]), Sample(base[5:8])))


@pytest.mark.parametrize("work", [views_in_two_lists, views_in_objects])
def test_an_array_that_leaked_views_share_is_counted_once_and_fully(work):
    leaks = leakwatch.hunt(work, runs=4).leaks
    runs = next(leak.count / leak.growth for leak in leaks)
    retained = sum(leak.retained_bytes for leak in leaks)
    assert 80_000 * runs <= retained < 1.1 * 80_000 * runs


def test_an_array_that_somebody_else_uses_is_counted_for_no_leak():
    whole = numpy.ones(10_000)
    ours, beside = whole[:3], whole[5:8]
    sized = bytes_of_groups([[ours, beside]], loaded_calls(leakwatch_sizeof()), SharedBuffers())
    assert sized.process == sys.getsizeof(ours) + sys.getsizeof(beside)
    del whole
    sized = bytes_of_groups([[ours, beside]], loaded_calls(leakwatch_sizeof()), SharedBuffers())
    assert sized.process > 80_000


SLICES, HALVES = [], []


def small_slices():
    SLICES.append(numpy.ones(10_000)[:3])


def small_slices_in_objects():
    SLICES.append(Sample(numpy.ones((100, 100))[0]))


def both_halves():
    base = numpy.ones(10_000)
    HALVES.append((base[:5_000], base[5_000:]))


@pytest.mark.parametrize(
    ("work", "code"),
    [(small_slices, "LW132"), (small_slices_in_objects, "LW132"), (both_halves, "LW101")],
)
def test_a_small_slice_that_keeps_a_large_array_is_told_as_such(work, code):
    report = leakwatch.hunt(work, runs=4)
    assert [leak.pattern.code for leak in report.leaks] == [code]
    assert f"   {code} " in str(report)
    assert f"<span>{code}</span>" in render_page(report)
