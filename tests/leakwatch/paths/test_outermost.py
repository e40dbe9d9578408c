"""Which of the survivors of a hunt are told: what has a name, and each matter once."""

import functools

import pytest

import leakwatch

KEPT: list[object] = []
TABLE: dict[object, object] = {}


class Route:
    def handle(self):
        pass


@pytest.fixture(autouse=True)
def _let_go():
    yield
    KEPT.clear()
    TABLE.clear()
    cached.cache_clear()
    bounded.cache_clear()
    doubled.cache_clear()


@functools.lru_cache(None)
def cached(handler, middlewares):
    return functools.partial(print, handler)


@functools.lru_cache(10_000_000)
def bounded(handler, middlewares):
    return functools.partial(print, 1)


def told(work):
    leaks = leakwatch.hunt(work).leaks
    return [(leak.type_name.removeprefix(f"{__name__}."), leak.path.expression) for leak in leaks]


@pytest.mark.parametrize("cache", [cached, bounded])
def test_an_entry_of_a_cache_is_told_once(cache):
    def work():
        route = Route()
        cache(route.handle, (Route, frozenset([1])))

    ((name, expression),) = told(work)
    assert name == "Route"
    assert expression.endswith(".<cached argument 0>.__self__")


def test_what_a_dict_keeps_for_a_key_is_told_with_the_key():
    def work():
        TABLE[Route()] = [1, 2]

    assert [name for name, _ in told(work)] == ["Route"]


def test_entries_of_one_container_with_and_without_a_named_object_are_one_matter():
    def work():
        TABLE[Route()] = 1
        TABLE[len(TABLE)] = [1, 2]

    assert [name for name, _ in told(work)] == ["Route"]


def test_a_tuple_around_one_container_is_only_its_wrapper():
    ((name, expression),) = told(lambda: KEPT.append((1.5, ["a line"])))
    assert name == "builtins.list"
    assert expression.endswith("][1]")


def test_a_tuple_around_several_containers_is_told_itself():
    assert [name for name, _ in told(lambda: KEPT.append(([1], [2])))] == ["builtins.tuple"]


@functools.lru_cache(100_000)
def doubled(number):
    return 2 * number


class Key(tuple):
    __slots__ = ()


def test_a_key_without_names_for_its_items_is_passed_through():
    def work():
        TABLE[Key((Route(),))] = 1

    assert told(work) == [("Route", f"{__name__}.TABLE.<key>[0]")]


def test_a_cache_with_a_bound_that_fills_with_results_is_no_leak():
    numbers = iter(range(1_000_000))
    assert told(lambda: doubled(next(numbers))) == []
