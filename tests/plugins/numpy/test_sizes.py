"""An array weighs its own memory, and that of the arrays that only it refers to."""

import sys

import pytest

from leakwatch.heap.of_class import loaded_calls
from leakwatch.paths.sizes import size_of_groups
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
