"""Tests that ask the collector themselves get the answers that they would get without us."""

import gc
import gc as garbage
import sys
from gc import collect, get_objects

import pytest

from pytest_leakwatch.attribution.collector_use import CollectorUse
from tests.plugins.pytest.conftest import leaked

SUITE = """
    import gc, unittest, weakref
    import gc as garbage
    from gc import get_objects, get_freeze_count
    import functools
    import pytest
    import counting
    from leaves_helpers import Census

    class Cart: ...
    OPEN = []
    OLD = Cart()
    def frozen():
        return get_freeze_count()
    START = frozen()

    def is_seen():
        return any(it is OPEN for it in get_objects())

    def test_by_the_module():
        assert any(it is OPEN for it in gc.get_objects()) and gc.get_freeze_count() <= START
    def test_by_another_name():
        assert any(it is OPEN for it in garbage.get_objects())
    def test_by_a_helper():
        assert is_seen()
    def test_by_an_import_inside():
        from gc import get_referrers
        assert any(it is globals() for it in get_referrers(OPEN))
    def test_by_name_of_the_module():
        import importlib
        assert importlib.import_module("gc").get_freeze_count() <= START
    def test_by_a_library():
        assert counting.deep(OPEN)
    def test_by_a_class_of_a_helper_module():
        assert Census().has(OPEN)
    def test_by_a_partial(seen=functools.partial(is_seen)):
        assert seen()

    def decorated(function):
        @functools.wraps(function)
        def call():
            before = gc.get_freeze_count()
            function()
            assert before <= START
        return call
    @decorated
    def test_by_a_decorator(): ...

    @pytest.fixture
    def census():
        return Census()
    def test_by_a_fixture(census):
        assert census.has(OPEN)
    @pytest.fixture(scope="module")
    def wider():
        frozen = gc.get_freeze_count()
        yield frozen
        assert gc.get_freeze_count() <= START
    def test_a_wider_fixture_has_a_page_of_its_own(wider):
        assert wider <= START
    def test_asked_for_while_it_runs(request):
        assert request.getfixturevalue("census").has(OPEN)

    class TestUnit(unittest.TestCase):
        def setUp(self):
            self.frozen = gc.get_freeze_count()
        def test_by_its_setup(self):
            self.assertLessEqual(self.frozen, START)
    class TestPlain:
        def look(self):
            return is_seen()
        def test_by_a_method(self):
            assert self.look()
    class TestOther:
        def setup_method(self):
            assert is_seen()
        def test_by_setup_method(self): ...

    @pytest.mark.leakwatch_window(False)
    def test_by_the_marker():
        assert counting.UNSEEN[0]() <= START
    @pytest.mark.leakwatch_window(True)
    def test_has_one_all_the_same():
        assert gc.get_freeze_count() > START + 1000

    def test_collects_what_is_older():
        gone = weakref.ref(CYCLE.pop())
        gc.collect()
        assert gone() is None
    CYCLE = [Cart()]
    CYCLE[0].me = CYCLE[0]

    def test_leaks_and_counts():
        gc.collect()
        OPEN.append(Cart())
    def test_leaks_without():
        OPEN.append(Cart())
"""
COUNTING = """
    import gc
    def deep(wanted): return deeper(wanted)
    def deeper(wanted): return any(it is wanted for it in gc.get_objects())
    UNSEEN = [getattr(gc, "get_freeze" + "_count")]
"""
HELPERS = """
    import gc
    class Census:
        def has(self, wanted):
            return any(it is wanted for it in gc.get_objects())
"""
TESTS = 19
"""Tests of the suite that pass with and without us."""


@pytest.fixture
def helpers(pytester):
    pytester.makepyfile(counting=COUNTING, leaves_helpers=HELPERS)


def test_the_collector_answers_as_without_leakwatch(suite, helpers):
    plain = suite(SUITE, "--deselect", "test_shop.py::test_has_one_all_the_same")
    plain.assert_outcomes(passed=TESTS, deselected=1)
    result = suite("", "--leakwatch", "-q")
    result.assert_outcomes(passed=TESTS + 1, errors=2)
    assert leaked(result) == ["test_leaks_and_counts", "test_leaks_without"]
    result.stdout.fnmatch_lines(
        [
            "*20 tests judged",
            "15 tests that ask the garbage collector what there is ran without a window: *",
        ]
    )


def test_a_hook_of_a_conftest_that_counts_sees_the_whole_heap(suite, pytester):
    pytester.makeconftest(
        """
        import gc, pytest
        START = gc.get_freeze_count()
        @pytest.hookimpl(wrapper=True)
        def pytest_runtest_call(item):
            before = gc.get_freeze_count()
            yield
            assert before <= START
        """
    )
    result = suite("def test_it(): ...", "--leakwatch")
    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines(
        ["1 test that asks the garbage collector what there is ran without a window*"]
    )


def test_a_marker_with_other_arguments_is_refused(suite):
    source = "import pytest\n@pytest.mark.leakwatch_window('no')\ndef test_it(): ..."
    result = suite(source, "--leakwatch")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*expected @pytest.mark.leakwatch_window(False), got *"])


def test_a_test_that_counts_finds_the_garbage_that_is_there_without_us(suite):
    source = """
    import gc
    gc.disable()  # garbage of the import stays until somebody collects
    class Knot:
        def __init__(self): self.me = self
    for _ in range(1000): Knot()
    def test_counts():
        before = len(gc.get_objects())
        made = [[] for _ in range(500)]
        gc.collect()
        assert len(gc.get_objects()) < before
    """
    suite(source).assert_outcomes(passed=1)
    suite("", "--leakwatch").assert_outcomes(passed=1)


def collects():
    gc.collect()
    gc.disable()
    assert gc.isenabled() or gc.get_threshold(), "shown by pytest where it fails"


def collects_by_its_name():
    return collect()


def collects_by_another_name():
    return garbage.collect()


def collects_by_an_import_inside():
    import gc

    return [gc.collect(number) for number in range(2)], lambda: gc.collect() + 1


def collects_by_a_name_of_an_import_inside():
    from gc import collect

    return collect()


def counts():
    return gc.collect() + len(gc.get_objects())


def counts_by_its_name():
    return len(get_objects())


def counts_by_another_name():
    return garbage.get_count()


def counts_inside():
    def inner():
        return gc.get_stats()

    return inner


def counts_by_an_import_inside():
    from gc import collect, get_count

    return collect() + get_count()[0]


def counts_by_the_name_of_the_module():
    assert collect() == 0 or sys.modules["gc"]


def asserts_what_it_counts():
    assert gc.get_count()


def may_do_anything_with_it():
    return vars(gc), gc.collect()


def may_do_anything_with_its_new_name():
    import gc as other

    return other


@pytest.mark.parametrize(
    ("function", "asks"),
    [
        (collects, False),
        (collects_by_its_name, False),
        (collects_by_another_name, False),
        (collects_by_an_import_inside, False),
        (collects_by_a_name_of_an_import_inside, False),
        (counts, True),
        (counts_by_its_name, True),
        (counts_by_another_name, True),
        (counts_inside, True),
        (counts_by_an_import_inside, True),
        (counts_by_the_name_of_the_module, True),
        (asserts_what_it_counts, True),
        (may_do_anything_with_it, True),
        (may_do_anything_with_its_new_name, True),
    ],
)
def test_who_only_collects_does_not_ask(function, asks):
    assert CollectorUse().leads_to_collector(function) is asks
