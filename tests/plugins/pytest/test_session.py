"""A suite that leaks already: only what is new or has grown fails it."""

import pytest

from tests.plugins.pytest.conftest import leaked

LEAKY = """
    import pytest
    class Cart: ...
    class Item: ...
    OPEN = []
    ITEMS = []
    def test_cart():
        OPEN.append(Cart())
    @pytest.mark.leakwatch
    def test_item():
        ITEMS.append(Item())
"""
FILE = "leakwatch-baseline.toml"


@pytest.fixture
def adopted(suite, pytester):
    """A suite whose leaks are in its baseline."""
    result = suite(LEAKY, "--leakwatch", "--leakwatch-write-baseline")
    assert result.ret == 0
    result.stdout.fnmatch_lines(["baseline *leakwatch-baseline.toml: 2 accepted, 2 added"])
    return pytester.path / FILE


def test_accepted_leaks_are_known_and_fail_nothing(suite, adopted):
    result = suite("", "--leakwatch")
    assert result.ret == 0
    result.stdout.fnmatch_lines(["*baseline *leakwatch-baseline.toml*", "known: *in the baseline*"])


def test_the_usual_baseline_is_written_by_a_word_too(suite, pytester):
    (pytester.path / FILE).write_text("# ours\n")
    assert suite(LEAKY, "--leakwatch", "--leakwatch-baseline=write").ret == 0
    assert (pytester.path / FILE).read_text().count("[[leak]]") == 2
    assert not (pytester.path / "write").exists()
    assert suite("", "--leakwatch").ret == 0


@pytest.mark.parametrize("workers", [(), ("-n", "2")], ids=["plain", "xdist"])
def test_a_leak_that_grew_fails_its_test(suite, adopted, workers):
    more = LEAKY.replace("OPEN.append(Cart())", "OPEN.extend([Cart(), Cart()])")
    result = suite(more, "--leakwatch", *workers)
    assert leaked(result) == ["test_cart"]
    result.stdout.fnmatch_lines(["*the baseline accepts 1, found 2*"])


def test_a_new_leak_fails_its_test_also_where_it_is_judged_at_once(suite, adopted):
    result = suite(LEAKY.replace("ITEMS", "THINGS"), "--leakwatch")
    assert leaked(result) == ["test_item"]


def test_workers_write_one_baseline(suite, pytester):
    suite(LEAKY, "--leakwatch", "--leakwatch-write-baseline", "-n", "2")
    assert (pytester.path / FILE).read_text().count("[[leak]]") == 2


CACHED = """
    import pytest, time
    class Cart: ...
    OPEN, CACHE = [], {}
    @pytest.mark.parametrize("number", range(4))
    def test_both(number):
        OPEN.append(Cart())
        CACHE.setdefault("cart", []).append(Cart()) if not CACHE else time.sleep(0.05)
"""


@pytest.mark.parametrize("written_with", [(), ("-n", "2")], ids=["serially", "by workers"])
def test_a_baseline_holds_for_any_number_of_workers(suite, pytester, written_with):
    # What a process fills once is there once in each worker.
    once = "--no-leakwatch-confirm"
    suite(CACHED, "--leakwatch", "--leakwatch-write-baseline", once, *written_with)
    assert (pytester.path / FILE).read_text().count("[[leak]]") == 2
    for workers in ((), ("-n", "2"), ("-n", "2", "--dist", "loadscope")):
        result = suite("", "--leakwatch", once, *workers)
        assert result.ret == 0
        result.stdout.fnmatch_lines_random(["known: 4 test_shop.Cart, *: in the baseline: *"])


def test_a_baseline_has_the_part_of_a_leak_that_could_not_be_confirmed(suite, pytester):
    source = """
    class Cart: ...
    OPEN, ITEMS = [], []
    def test_leaks(): OPEN.append(Cart())
    def test_leaks_once():
        assert len(OPEN) == 1
        OPEN.append(Cart())
        ITEMS.append(Cart())
    """
    suite(source, "--leakwatch", "--leakwatch-write-baseline")
    counts = [line for line in (pytester.path / FILE).read_text().split("\n") if "count" in line]
    assert counts == ["count = 2", "count = 1"]
    assert suite("", "--leakwatch", "--no-leakwatch-confirm").ret == 0


def test_stale_entries_are_named_after_a_whole_run_only(suite, adopted):
    clean = LEAKY.replace("OPEN.append(Cart())", "Cart()")
    suite(clean, "--leakwatch").stdout.fnmatch_lines(["note: no longer found*test_shop.Cart*"])
    assert "no longer found" not in suite("", "--leakwatch", "-k", "item").stdout.str()


def test_a_baseline_can_be_named_and_left_out(suite, adopted, pytester):
    adopted.rename(pytester.path / "other.toml")
    assert leaked(suite("", "--leakwatch")) == ["test_cart", "test_item"]
    assert suite("", "--leakwatch", "--leakwatch-baseline=other.toml").ret == 0
    (pytester.path / "other.toml").rename(adopted)
    assert suite("", "--leakwatch", "--leakwatch-baseline=").ret == 1


def test_a_baseline_that_is_not_understood_ends_the_run_and_stays(suite, adopted):
    adopted.write_text("[[leak]\n")
    result = suite("", "--leakwatch", "--leakwatch-write-baseline")
    assert result.ret == 4
    result.stderr.fnmatch_lines(["*leakwatch_baseline: *not TOML*line 1*"])
    assert adopted.read_text() == "[[leak]\n"
