"""A cache on a path is told with its function, the argument that it keeps, its size and bound.

So is the bound of any other holder that has a number for it.
"""

from collections import deque
from functools import cached_property, lru_cache
from itertools import count
from time import sleep

import pytest

import leakwatch
from leakwatch.diagnosis.notes import is_cached_property, is_of_entries
from leakwatch.paths.names.name import Named
from leakwatch.paths.names.references import Step
from tests.heaps import leak_of

METHOD = """
import functools
class Shop(Session):
    @functools.{cache}
    def price(self, article=None): return article
shop = Shop()
for article in range({articles}): shop.price(article)
del shop
"""


@pytest.mark.parametrize(
    ("cache", "articles", "told"),
    [
        ("lru_cache(maxsize=8)", 3, "keeps argument 'self': 3 entries of at most 8"),
        ("lru_cache(maxsize=8)", 20, "keeps argument 'self': 8 entries of at most 8"),
        ("lru_cache(maxsize=1000)", 1, "keeps argument 'self': 1 entry of at most 1,000"),
        ("cache", 3, "keeps argument 'self': 3 entries without a bound"),
    ],
)
def test_a_cache_on_a_method(cache, articles, told):
    leak = leak_of(METHOD.format(cache=cache, articles=articles))
    assert leak.reasons == (f"the cache of Shop.price() {told}",)


def test_the_second_argument_of_a_function():
    lines = "import functools\n@functools.cache\ndef rate(day, session): pass\nrate(1, Session())"
    assert leak_of(lines).reasons == (
        "the cache of rate() keeps argument 'session': 1 entry without a bound",
    )


def test_the_argument_of_a_function_written_in_c_has_a_number():
    lines = "import functools\nsame = functools.cache(id)\nsame(Session())"
    assert leak_of(lines).reasons == ("the cache of ?() keeps argument 0: 1 entry without a bound",)


def test_a_result():
    lines = "import functools\n@functools.cache\ndef make(*sizes): return Session()\nmake()"
    (told,) = leak_of(lines).reasons
    assert told == "the cache of make() keeps the result: 1 entry without a bound"


def test_the_one_result_of_a_function_without_arguments():
    lines = "import functools\n@functools.cache\ndef make(): return Session()\nmake()"
    (told,) = leak_of(lines).reasons
    assert told == "make() takes no argument, so its cache keeps one value and no more"


def test_a_cached_property():
    lines = """
import functools
class Shop:
    @functools.cached_property
    def session(self): return Session()
    other = functools.cached_property(lambda self: 1)
shop = Shop()
shop.session
"""
    (told,) = leak_of(lines).reasons
    assert told == "session is a cached_property: of each object it keeps one value and no more"
    assert leak_of(lines.replace("shop.session", "shop.mine = Session()")).reasons == ()


def test_a_path_without_a_cache_has_no_note():
    assert leak_of("HELD = [Session()]").reasons == ()


LAST = deque(maxlen=500_000)


class LRUCache:
    def __init__(self):
        self.limit, self.maxsize, self.count, self.data = 5_000_000, None, 7, {}


CACHE = LRUCache()


class Slotted(dict):
    __slots__ = ("capacity", "limit")

    def __init__(self):
        self.capacity = 5_000_000  # and `limit` is not set


SLOTTED = Slotted()


class Result: ...


@pytest.fixture(autouse=True)
def _empty():
    yield
    LAST.clear()
    CACHE.data.clear()
    SLOTTED.clear()
    SMALL.data.clear()
    text_of.cache_clear()


def test_a_deque_says_how_many_it_holds():
    (leak,) = leakwatch.hunt(lambda: LAST.append(Result())).leaks
    assert "the deque holds at most 500,000" in leak.reasons


def test_a_cache_says_what_it_calls_its_limit():
    def work():
        CACHE.data[len(CACHE.data)] = Result()

    (leak,) = leakwatch.hunt(work).leaks
    assert leak.reasons == (f"{__name__}.LRUCache has limit = 5,000,000: it may stop there",)


def test_a_limit_that_was_passed_long_ago_is_not_said_to_stop_anything():
    CACHE.limit = 5
    try:

        def work():
            CACHE.data[len(CACHE.data)] = Result()

        (leak,) = leakwatch.hunt(work).leaks
        assert leak.reasons == ()
    finally:
        CACHE.limit = 5_000_000


def test_a_limit_in_a_slot_is_read_too():
    def work():
        SLOTTED[len(SLOTTED)] = Result()

    (leak,) = leakwatch.hunt(work).leaks
    assert leak.reasons == (f"{__name__}.Slotted has capacity = 5,000,000: it may stop there",)


def test_a_key_of_a_class_that_compares_itself_is_not_asked_whether_it_is_a_cached_property():
    asked = []

    class Key(str):
        __hash__ = str.__hash__

        def __eq__(self, other):
            asked.append(other)
            return str.__eq__(self, other)

    basket = type("Basket", (), {Key("total"): cached_property(len)})()
    asked.clear()
    assert is_cached_property(Step(basket, "shop.Basket", Named(".total")))
    assert asked == []


class Bounded:
    """A cache of a program's own, with a bound that the work does not reach."""

    def __init__(self, maxsize):
        self.maxsize = maxsize
        self.data = {}


SMALL = Bounded(100_000)


@lru_cache(maxsize=100_000)
def text_of(key):
    return f"{key}!"


def test_a_container_beside_a_bound_of_entries_fills_and_is_no_leak():
    def work():
        SMALL.data[len(SMALL.data)] = None
        sleep(0.02)

    report = leakwatch.hunt(work)
    assert report.ok
    assert any(f"{__name__}.SMALL.data[*] fills" in note for note in report.notes)
    assert any("of at most 100,000" in note for note in report.notes)


def test_calls_whose_results_the_collector_does_not_track_fill_a_cache_too():
    keys = count()

    def work():
        text_of(f"key {next(keys)}")
        sleep(0.02)

    report = leakwatch.hunt(work)
    assert report.ok
    assert any(f"{__name__}.text_of.<cached call> fills" in note for note in report.notes)


def test_what_fills_up_to_a_bound_is_no_growth_of_the_process():
    keys = count()

    def work():
        text_of(f"other key {next(keys)}")
        sleep(0.004)

    memory = leakwatch.hunt(work).memory
    assert memory.filling > 0
    assert memory.verdict in {"bounded caches", "not growing"}


def test_a_bound_of_something_else_than_entries_excuses_nothing():
    assert is_of_entries("_Cache__maxsize")
    assert is_of_entries("capacity")
    assert not is_of_entries("limit")
    assert not is_of_entries("rate_limit")
