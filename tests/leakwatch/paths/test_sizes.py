"""Sizes count each byte that a survivor alone holds, and none that others hold too."""

import sys

import pytest

from leakwatch.paths.sizes import size_of, size_of_groups


class Blob:
    pass


def test_a_group_weighs_what_its_members_weigh():
    members = [[1], [1, 2, 3], []]
    assert size_of_groups([members]) == sum(map(sys.getsizeof, members))


def test_a_plugin_is_asked_first():
    blob, other = Blob(), [1]

    def sizer(subject):
        return 5000 if subject is blob else None

    assert size_of(blob, [sizer]) == 5000
    assert size_of_groups([[blob], [other]], [sizer]) == 5000 + sys.getsizeof(other)


def test_a_view_counts_the_array_that_only_it_holds():
    numpy = pytest.importorskip("numpy")
    owner = numpy.zeros(10_000)
    assert size_of(owner) == sys.getsizeof(owner) > 80_000
    view = numpy.zeros(10_000)[::2].reshape(50, 100)
    assert size_of(view) == sys.getsizeof(view) + sys.getsizeof(owner)
    shared = owner[::2]
    assert size_of(shared) == sys.getsizeof(shared)


def test_a_subclass_of_array_runs_no_code_of_its_own():
    numpy = pytest.importorskip("numpy")

    class Trap(numpy.ndarray):
        def trap(self, *arguments):
            raise AssertionError("user code ran")

        __sizeof__ = __getattribute__ = __len__ = base = property(trap)

    view = numpy.zeros(10_000)[1:].view(Trap)
    assert size_of(view) > 80_000


def test_a_class_that_calls_itself_an_array_is_none():
    numpy = pytest.importorskip("numpy")
    forged = type("ndarray", (), {"__module__": numpy.__name__})()
    assert size_of(forged) == sys.getsizeof(forged)
