"""One-off or every run: tests are called again in place, or run again at the end."""

import json

import pytest

from pytest_leakwatch.verdict.recurrence import how_often, recurs
from tests.plugins.pytest.conftest import leaked

SHOP = """
    import pytest
    class Cart: ...
    class Last: ...
    class Cached: ...
    OPEN, CACHE, LAST = [], {}, None
"""
KINDS = """
    def test_leaks():
        OPEN.append(Cart())
    def test_sets_a_variable():
        global LAST
        LAST = Last()
    def test_fills_a_cache():
        CACHE.setdefault("a", Cached())
"""


@pytest.mark.parametrize(
    ("seen", "total", "again"),
    [
        (range(10), 10, True),
        (range(0, 10, 2), 10, True),
        ([9], 10, False),
        ([0], 10, False),
        (range(5, 10), 10, False),
        ([0, 9], 10, False),
        ([0, 1, 2], 3, True),
        ([1, 2], 3, False),
        ([0], 1, True),
    ],
)
def test_a_leak_comes_early_and_late_and_often(seen, total, again):
    assert recurs(seen, total) == again


def test_how_often_a_leak_came_is_told():
    assert how_often(1, 1, 1).startswith("one-off so far")
    assert how_often(3, 3, 3) == "every run: 3 tests left it, each time they ran"
    assert how_often(10, 10, 1) == "every run: each of 10 runs left it"
    assert how_often(5, 10, 1) == "5 of 10 runs left it"


def test_a_marked_test_is_repeated_in_place(suite):
    source = (
        SHOP
        + "    pytestmark = pytest.mark.leakwatch(repeat='3:10')\n"
        + KINDS
        + """
    @pytest.fixture
    def cart():
        return Cart()
    def test_with_a_fixture(cart):
        OPEN.append(Cart())
    def test_of_one_run():
        assert len(CACHE) < 2
        CACHE["one"] = Cached()
    def test_with_a_path(tmp_path, monkeypatch):
        (tmp_path / "file").write_text("")
    class TestPlain:
        def setup_method(self):
            self.cart = Cart()
        def test_it(self): ...
    """
    )
    result = suite(source, "--leakwatch-report=leaks.json")
    assert leaked(result) == ["test_leaks", "test_of_one_run", "test_with_a_fixture"]
    result.stdout.fnmatch_lines(
        [
            "leakwatch: 10 test_shop.Cart outlived the test, held by test_shop.OPEN*",
            "*every run: each of 10 runs left it*",
        ]
    )
    result.stdout.fnmatch_lines_random(
        [
            "known: 1 test_shop.Last, *: one-off: 1 run of 10 left it*",
            "known: 1 test_shop.Cached, *: one-off: 0 runs of 10 left it*",
            "note: *::test_with_a_fixture was not repeated: 'cart' has function scope*",
            "note: *::test_of_one_run was not repeated: run 2 raised AssertionError",
            "note: *::test_it was not repeated: 'setup_method' has function scope*",
        ]
    )


def test_every_test_is_repeated_where_the_run_asks_for_it(suite, pytester):
    result = suite(
        SHOP + KINDS, "--leakwatch", "--leakwatch-repeat=1:4", "--leakwatch-report=l.json"
    )
    assert leaked(result) == ["test_leaks"]
    (leak,) = json.loads((pytester.path / "l.json").read_text())["leaks"]
    assert (leak["count"], leak["growth"]) == (4, 1.0)


@pytest.mark.parametrize("workers", [(), ("-n", "2")], ids=["plain", "xdist"])
def test_suspects_are_confirmed_by_running_them_again(suite, workers):
    source = (
        SHOP
        + """
    @pytest.fixture(scope="module")
    def shelf():
        OPEN.append(Cart())
    RUNS = []
    def test_shelf(shelf): ...
    def test_clean():
        RUNS.append(1)
        assert len(RUNS) == 1
    """
        + KINDS
    )
    result = suite(source, "--leakwatch", "--leakwatch-confirm", *workers)
    assert leaked(result) == ["shelf", "test_leaks"]
    result.stdout.fnmatch_lines(
        [
            "1 leak, 2 objects, * retained; 5 tests judged",
            "*every run: 2 tests left it, each time they ran",
            "known: *one-off: 1 run of 3 left it*",
        ]
    )


@pytest.mark.parametrize("value", ["3", "a:b", "1:1", ":4"])
def test_runs_that_are_not_understood_are_refused(suite, value):
    result = suite(SHOP + KINDS, f"--leakwatch-repeat={value}")
    assert result.ret == 4
    result.stderr.fnmatch_lines([f"*leakwatch_repeat: expected WARMUP:RUNS*, got '{value}'"])


def test_whoever_has_asked_for_a_rerun_is_not_told_to_ask_for_one():
    assert how_often(1, 1, 1).endswith("--leakwatch-confirm runs the test again")
    assert how_often(1, 1, 1, asked=True).endswith("could not be run again, or did not pass then")
