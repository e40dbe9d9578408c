"""One-off or every run: tests are called again in place, or run again at the end."""

import json
import subprocess
import sys

import pytest

from pytest_leakwatch.verdict import confirm
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
        ([0, 2], 3, False),
        ([0, 1], 2, True),
        ([0, 1, 3], 4, True),
        ([0], 1, True),
    ],
)
def test_a_leak_comes_early_and_late_and_often(seen, total, again):
    assert recurs(seen, total) == again


def test_how_often_a_leak_came_is_told():
    assert how_often(9, 9, 3, again=True) == "every run: 3 tests left it, each time they ran"
    assert how_often(10, 10, 1, again=True) == "every run: each of 10 runs left it"
    assert how_often(5, 10, 1, again=True) == "5 of 10 runs left it"


def test_of_what_ran_once_no_more_is_told_than_that():
    ask = "; --leakwatch-confirm runs the suspects again"
    assert how_often(1, 1, 1, again=False) == f"seen in one run{ask}"
    assert how_often(5, 5, 5, again=False) == f"5 tests left it, each run once{ask}"


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
    result = suite(source, "--leakwatch", *workers)
    assert leaked(result) == ["shelf", "test_leaks"]
    result.stdout.fnmatch_lines(
        [
            "1 leak, 2 objects, * retained; 5 tests judged",
            "*every run: 2 tests left it, each time they ran",
            "known: 1 test_shop.Cached, *: one-off: 1 run of 2 left it*",
        ]
    )


@pytest.mark.parametrize("value", ["3", "a:b", "1:1", ":4"])
def test_runs_that_are_not_understood_are_refused(suite, value):
    result = suite(SHOP + KINDS, f"--leakwatch-repeat={value}")
    assert result.ret == 4
    result.stderr.fnmatch_lines([f"*leakwatch_repeat: expected WARMUP:RUNS*, got '{value}'"])


def test_whoever_has_asked_for_a_rerun_is_not_told_to_ask_for_one():
    assert how_often(1, 1, 1, again=False, asked=True) == "seen in one run"


def test_what_cannot_be_confirmed_is_told_and_fails_nothing(suite):
    source = (
        SHOP
        + """
    def test_once():
        assert not OPEN
        OPEN.append(Cart())
    """
    )
    result = suite(source, "--leakwatch")
    assert result.ret == 0
    result.stdout.fnmatch_lines(
        [
            "no leaks; 1 test judged",
            "1 test was run again to see what leaks each time, 1 leak is unconfirmed",
            "known: 1 test_shop.Cart, *: unconfirmed: it could not be run again, or did not pass*",
        ]
    )


def reruns_that_take(monkeypatch, took, seconds):
    """Reruns whose tests take so long, and what ran."""
    now, ran = [0.0], []

    def rerun(nodeid):
        ran.append(nodeid)
        now[0] += took[nodeid]

    monkeypatch.setattr(confirm.Clocks, "now", lambda: confirm.Clocks(now[0], now[0]))
    each = {nodeid: confirm.Clocks(time, time) for nodeid, time in took.items()}
    return confirm.Reruns(rerun, confirm.Clocks(seconds, seconds), each), ran


def test_reruns_end_when_their_time_is_over(monkeypatch):
    reruns, ran = reruns_that_take(monkeypatch, {"short": 1.0, "long": 8.0, "other": 1.0}, 14.0)
    # One that would not end in two thirds of the time is not begun; the rest is for the second run.
    assert reruns.run(["short", "long", "other"], 1) == ["other"]
    assert (ran, reruns.number) == (["short", "long"], 2)
    assert reruns.run(["long", "short"], 2) == ["long"]


def test_reruns_keep_the_order_of_the_suite(monkeypatch):
    reruns, ran = reruns_that_take(monkeypatch, {"first": 1.0, "second": 1.0, "third": 1.0}, 19.0)
    assert reruns.run(["third", "first"], 1) == []
    assert ran == ["first", "third"]


def test_what_waits_takes_none_of_the_processor_and_a_child_process_does():
    assert not confirm.Clocks(1.0, 0.0).are_over(confirm.Clocks(2.0, 0.5))
    assert confirm.Clocks(1.0, 0.6).are_over(confirm.Clocks(2.0, 0.5))
    before = confirm.Clocks.now()
    code = "import time\nwhile time.process_time() < 0.1: pass"
    subprocess.run([sys.executable, "-I", "-c", code], check=True)
    assert confirm.Clocks.now().since(before).processor > 0.05


def test_a_share_of_a_short_suite_is_still_time_enough():
    least = confirm.Clocks(4.0, 0.5)
    assert confirm.Clocks(150.0, 0.4).times(0.5).at_least(least) == confirm.Clocks(75.0, 0.5)


def test_two_tests_of_each_leak_are_asked_before_the_others():
    ranks = [["a", "b", "c"], ["b", "d"], ["c", "a", "e"], ["f"]]
    assert confirm.by_weight(ranks) == ["a", "b", "c", "f", "d", "e"]
    assert confirm.by_weight([["a", "b", "c"], ["d"]]) == ["a", "d", "b", "c"]


def test_suspects_are_run_again_in_the_order_of_the_suite(suite, pytester):
    pytester.makeconftest(
        """
        def pytest_unconfigure():
            import test_shop
            print("again", test_shop.STARTED[4:])
        """
    )
    source = (
        SHOP
        + """
    class Small: ...
    SMALL, STARTED = [], []
    @pytest.mark.parametrize("number", range(3))
    def test_small(number):
        STARTED.append(number)
        SMALL.append(Small())
    def test_large():
        STARTED.append("large")
        OPEN.append(Cart())
        OPEN[-1].data = bytearray(100_000)
    """
    )
    result = suite(source, "--leakwatch", "-s")
    once = [0, 1, 2, "large"]
    result.stdout.fnmatch_lines([f"again {once + once}"])
    assert len(leaked(result)) == 4


def test_without_confirmation_a_leak_fails_as_it_was_found(suite):
    for off in ("--no-leakwatch-confirm", "-oleakwatch_confirm=false"):
        result = suite(SHOP + KINDS, "--leakwatch", off)
        assert leaked(result) == ["test_fills_a_cache", "test_leaks"]
        result.stdout.fnmatch_lines(
            ["*seen in one run; --leakwatch-confirm runs the suspects again"]
        )


def test_warnings_of_reruns_are_neither_errors_nor_printed(suite):
    source = (
        SHOP
        + """
    import warnings
    @pytest.mark.filterwarnings("error::DeprecationWarning")
    def test_warns():
        OPEN.append(Cart())
        warnings.warn("once more")
        with pytest.raises(DeprecationWarning):
            warnings.warn("an error here", DeprecationWarning)
    """
    )
    result = suite(source, "--leakwatch")
    assert leaked(result) == ["test_warns"]
    assert not result.stderr.lines or "once more" not in result.stderr.str()
    result.stdout.fnmatch_lines(["*1 passed, 1 warning, 1 error*"])
