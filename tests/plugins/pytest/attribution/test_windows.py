"""The window over a whole suite: nested windows, a program that freezes, many tests."""

from tests.plugins.pytest.conftest import leaked

SHOP = """
    import gc, pytest
    class Cart:
        def __init__(self):
            self.me = self
    OPEN = []
"""


def test_scopes_inside_a_test_do_not_hide_its_leaks(suite):
    source = (
        SHOP
        + """
    import leakwatch
    def test_leaks():
        with leakwatch.scope("inner", discover=True) as scope:
            OPEN.append(Cart())
        assert len(scope.report.leaks) == 1
    def test_clean():
        with leakwatch.scope("inner", discover=True) as scope:
            Cart()
        assert scope.report.ok
    """
    )
    assert leaked(suite(source, "--leakwatch")) == ["test_leaks"]


def test_a_test_that_thaws_the_heap_unseen_is_not_judged_and_hides_no_other(suite):
    source = (
        SHOP
        + """
    def test_leaks():
        OPEN.append(Cart())
    @pytest.mark.leakwatch_window(True)
    def test_thaws():
        gc.unfreeze()
        OPEN.append(Cart())
    def test_leaves_it_frozen():
        OPEN.append(Cart())
        gc.freeze()
    def test_thaws_what_that_one_froze():
        gc.unfreeze()
        OPEN.append(Cart())
    def test_leaks_too():
        OPEN.append(Cart())
    """
    )
    result = suite(source, "--leakwatch")
    assert leaked(result) == ["test_leaks", "test_leaks_too"]
    result.stdout.fnmatch_lines(["*2 tests judged, 3 not judged (3 called gc.unfreeze or left *"])


def test_a_program_that_froze_its_heap_is_judged_all_the_same(suite, pytester):
    pytester.makeconftest("import gc\ndef pytest_configure(): gc.freeze()")
    # Many, for one at the address of what died since the last test is missed then.
    source = (
        SHOP
        + "    def test_leaks():\n        OPEN.extend(Cart() for _ in range(100))\n"
        + "    def test_clean(): Cart()"
    )
    assert leaked(suite(source, "--leakwatch")) == ["test_leaks"]


def test_garbage_of_many_tests_is_collected_now_and_then(suite, pytester):
    pytester.makeconftest(
        """
        import pytest, weakref
        from pytest_leakwatch.attribution import ledger
        # Whether it is due must not depend on how fast this machine collects.
        ledger.SHARE = 0
        HIGH = []
        @pytest.hookimpl(trylast=True)
        def pytest_runtest_logfinish(nodeid):
            import test_shop
            HIGH.append(len(test_shop.ALIVE))
        def pytest_terminal_summary(terminalreporter):
            terminalreporter.line(f"at most {max(HIGH)} alive, at the end {HIGH[-1]}")
        """
    )
    source = (
        SHOP
        + """
    import weakref
    ALIVE = weakref.WeakSet()
    RING = []
    @pytest.mark.parametrize("number", range(100))
    def test_replaces(number):
        # A ring of two generations: garbage only once its page is long frozen.
        cart = Cart()
        ALIVE.add(cart)
        RING[:] = [cart]
    """
    )
    result = suite(source, "--leakwatch", "--no-leakwatch-confirm")
    (line,) = [line for line in result.outlines if line.startswith("at most")]
    assert int(line.split()[2]) < 10
    assert leaked(result) == ["test_replaces[99]"]


def test_the_collector_is_left_as_it_was_found(suite, pytester):
    pytester.makeconftest(
        """
        import gc
        BEFORE = (gc.isenabled(), gc.get_threshold())
        FROZEN = gc.get_freeze_count()
        def pytest_unconfigure():
            assert (gc.isenabled(), gc.get_threshold()) == BEFORE
            # Immortal objects, 375 at the start of CPython 3.12, thaw with ours, and freeze
            # again in its next full collection.
            assert gc.get_freeze_count() in {0, FROZEN}
        """
    )
    assert suite(SHOP + "    def test_clean(): Cart()", "--leakwatch").ret == 0


def test_who_counts_objects_finds_garbage_of_the_tests_before_as_without_us(suite):
    source = """
    import gc
    def test_leaves_garbage():
        for _ in range(30):
            ring = []
            ring.append(ring)
    def test_counts():
        before = len(gc.get_objects())
        made = [[] for _ in range(20)]
        gc.collect()
        assert len(gc.get_objects()) <= before
    def test_counts_what_is_clean():
        gc.collect()
        before = len(gc.get_objects())
        gc.collect()
        assert len(gc.get_objects()) <= before
    """
    for flags in ((), ("--leakwatch",)):
        suite(source, *flags, "-p", "no:randomly").assert_outcomes(passed=3)


COLLECTS = """
    import gc, threading, weakref
    class Cart:
        def __init__(self):
            self.me = self
    OPEN = []
    OLD = [Cart() for _ in range(4)]
    class Last:
        def __init__(self):
            self.me = self
        def __del__(self):
            OPEN.append(Cart())

    def test_frees_what_is_older():
        gc.collect()
        gone = weakref.ref(OLD.pop())
        assert gc.collect() == MEMBERS and gone() is None
        gone = weakref.ref(OLD.pop())
        Cart()
        assert gc.collect() == 2 * MEMBERS and gone() is None
        assert gc.collect() == 0
    def test_frees_what_is_older_in_a_thread():
        gone = weakref.ref(OLD.pop())
        thread = threading.Thread(target=gc.collect)
        thread.start()
        thread.join()
        assert gone() is None
    def test_leaks_before():
        OPEN.append(Cart())
        gc.collect()
    def test_leaks_between():
        gc.collect()
        OPEN.append(Cart())
        gc.collect()
    def test_leaks_after():
        gc.collect()
        gc.collect()
        OPEN.append(Cart())
    def test_leaks_in_a_finalizer():
        Last()
        gc.collect()
    def test_clean():
        carts = [Cart() for _ in range(100)]
        gc.collect()
        assert OLD
    # How many objects one is made of for the collector differs from version to version.
    gc.collect()
    Cart()
    MEMBERS = gc.collect()
"""


def test_a_collection_that_a_test_asks_for_is_one_of_everything(suite):
    suite(COLLECTS).assert_outcomes(passed=7)
    result = suite("", "--leakwatch", "--no-leakwatch-confirm")
    result.assert_outcomes(passed=7, errors=4)
    assert leaked(result) == [
        "test_leaks_after",
        "test_leaks_before",
        "test_leaks_between",
        "test_leaks_in_a_finalizer",
    ]
    result.stdout.no_fnmatch_line("*without a window*")


def test_a_collection_that_comes_by_itself_lets_the_leak_be_seen(suite):
    source = """
    import gc
    class Cart: ...
    OPEN = []
    FULL = []
    def test_leaks():
        OPEN.append(Cart())
        before = gc.get_threshold()
        gc.set_threshold(10, 1, 1)
        many = [[] for _ in range(1000)]
        gc.set_threshold(*before)
        OPEN.append(Cart())
    """
    result = suite(source, "--leakwatch", "--no-leakwatch-confirm")
    assert leaked(result) == ["test_leaks"]
    result.stdout.fnmatch_lines(["1 leak, 2 objects, *"])
