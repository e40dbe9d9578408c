import copy
import gc
from functools import lru_cache

import pytest

from weakrefs import ref, weak_cached_method


class Shape:
    __hash__ = None

    def __init__(self, side=2):
        self.side = side
        self.calls = 0

    def __eq__(self, other):
        raise AssertionError("the object was compared")

    @weak_cached_method
    def area(self, factor=1):
        """Return the area."""
        self.calls += 1
        return self.side**2 * factor

    @weak_cached_method(maxsize=1)
    def twin(self, n):
        return [self, n]


class Slotted:
    __slots__ = ("__weakref__",)

    @weak_cached_method
    def answer(self):
        return object()


def test_each_object_has_its_own_results():
    one, two = Shape(1), Shape(2)
    assert (one.area(), one.area(), two.area(), one.area(factor=3)) == (1, 1, 4, 3)
    assert (one.calls, two.calls) == (2, 1)
    assert Shape.area(one) == 1
    assert Shape.area.__doc__ == "Return the area."


def test_the_object_dies_and_in_the_standard_library_stays():
    class Standard:
        @lru_cache  # noqa: B019  # the leak this package cures
        def twin(self, n):
            return [self, n]

    for make, stays in ((Shape, False), (Standard, True)):
        shape = make()
        shape.twin(1)
        reference = ref(shape)
        del shape
        gc.collect()
        assert (reference() is not None) is stays


def test_an_object_that_no_result_reaches_dies_without_the_collector():
    shape = Shape()
    shape.area()
    reference = ref(shape)
    del shape
    assert reference() is None


def test_a_method_of_an_object_that_nobody_else_holds_works():
    assert Shape(3).area() == 9
    method = Shape(3).area
    assert method() == 9
    assert method.__self__.side == 3


def test_the_cache_of_an_object_can_be_looked_at_and_cleared():
    shape = Shape()
    shape.twin(1), shape.twin(2), shape.twin(2)
    assert shape.twin.cache_info() == (1, 2, 1, 1)
    shape.twin.cache_clear()
    assert shape.twin.cache_info() == (0, 0, 1, 0)


def test_a_copy_begins_with_an_empty_cache():
    shape = Shape()
    first = shape.twin(1)
    for other in (copy.copy(shape), copy.deepcopy(shape)):
        assert other.twin(1)[0] is other
    assert shape.twin(1) is first


def test_an_object_without_a_dict_is_cached_too():
    slotted = Slotted()
    assert slotted.answer() is slotted.answer()
    reference = ref(slotted)
    del slotted
    assert reference() is None


def test_an_object_that_cannot_be_referenced_is_refused_with_the_remedy():
    class Bare:
        __slots__ = ()

        @weak_cached_method
        def answer(self):
            return 42

    with pytest.raises(TypeError, match="__weakref__"):
        Bare().answer()
