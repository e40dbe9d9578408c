import gc
from functools import lru_cache

import pytest

from weakrefs import ref, weak_lru_cache


class Request:
    def __init__(self, path="/"):
        self.path = path

    def __eq__(self, other):
        return isinstance(other, Request) and self.path == other.path

    def __hash__(self):
        return hash(self.path)


def test_the_argument_dies_and_in_the_standard_library_stays():
    for cached, stays in ((weak_lru_cache, False), (lru_cache, True)):
        length = cached(lambda request, extra=0: len(request.path) + extra)
        request = Request()
        assert length(request) == length(request) == 1
        assert length.cache_info()[0] == 1
        reference = ref(request)
        del request
        assert (reference() is not None) is stays
        assert length.cache_info().currsize == stays


def test_on_a_method_it_does_not_keep_the_object():
    class Service:
        calls = 0

        @weak_lru_cache
        def double(self, n):
            self.calls += 1
            return 2 * n

    service = Service()
    assert service.double(2) == service.double(2) == 4
    assert service.calls == 1
    reference = ref(service)
    del service
    assert reference() is None


def test_equal_arguments_find_the_same_result():
    make = weak_lru_cache(lambda request: object())
    one, twin = Request("a"), Request("a")
    assert make(one) is make(twin)
    assert make(one) is not make(Request("b"))


def test_the_result_goes_with_the_first_argument_that_dies():
    @weak_lru_cache
    def pair(one, two, *, three):
        return object()

    arguments = [Request("a"), Request("b"), Request("c")]
    reference = ref(arguments[2])
    one, two, three = arguments
    result = pair(one, two, three=three)
    assert pair(one, two, three=three) is result
    assert pair.cache_info().currsize == 1
    del arguments, three
    assert reference() is None
    assert pair.cache_info().currsize == 0
    assert pair._keys == {}


def test_the_oldest_use_is_dropped_first():
    calls = []

    @weak_lru_cache(maxsize=2)
    def note(n):
        calls.append(n)
        return n

    for n in (1, 2, 1, 3, 1, 2):
        note(n)
    assert calls == [1, 2, 3, 2]
    assert note.cache_info() == (2, 4, 2, 2)
    note.cache_clear()
    assert note.cache_info() == (0, 0, 2, 0)


def test_a_dropped_entry_leaves_nothing_behind():
    keep = [Request(str(n)) for n in range(10)]
    length = weak_lru_cache(maxsize=3)(lambda request: 1)
    for request in keep:
        length(request)
    assert len(length._keys) == length.cache_info().currsize == 3


def test_positions_names_and_types_keep_calls_apart():
    show = weak_lru_cache(typed=True)(lambda *args, **kwargs: (args, kwargs))
    assert show(1, a=2) == ((1,), {"a": 2})
    assert show(1, "a", 2) == ((1, "a", 2), {})
    assert repr(show(1.0)) == "((1.0,), {})"
    assert repr(show(1)) == "((1,), {})"


def test_without_room_nothing_is_kept():
    make = weak_lru_cache(maxsize=0)(object)
    assert make() is not make()


def test_arguments_that_cannot_be_hashed_are_a_type_error():
    with pytest.raises(TypeError, match="unhashable"):
        weak_lru_cache(len)([])


def test_a_result_that_reaches_its_argument_keeps_it_until_it_is_dropped():
    wrap = weak_lru_cache(maxsize=1)(lambda request: [request])
    request = Request()
    wrap(request)
    reference = ref(request)
    del request
    gc.collect()
    assert reference() is not None
    wrap(other := Request("other"))
    assert reference() is None
