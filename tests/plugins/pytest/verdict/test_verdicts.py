"""A test that leaves objects behind fails with their path; every other test is left alone."""

from tests.plugins.pytest.conftest import leaked

SHOP = """
    class Item: ...
    class Cart:
        def __init__(self):
            self.items = [Item()]
    OPEN = {}
"""

LEAKY = (
    SHOP
    + """
    def test_keeps_a_cart():
        OPEN["u42"] = Cart()

    def test_lets_go():
        Cart()
"""
)


def test_a_leaking_test_fails_with_the_path_in_its_message(suite):
    result = suite(LEAKY, "--leakwatch")
    assert result.ret == 1
    result.assert_outcomes(passed=2, errors=1)
    assert leaked(result) == ["test_keeps_a_cart"]
    result.stdout.fnmatch_lines(
        [
            "*ERROR at teardown of test_keeps_a_cart*",
            "leakwatch: 1 test_shop.Cart outlived the test, held by test_shop.OPEN['u42']",
            "*module global test_shop",
            "*.OPEN *-> dict*",
            "*['u42'*-> test_shop.Cart*",
            "*made   test_shop.py:* in test_keeps_a_cart",
        ]
    )


def test_what_hangs_on_a_leaked_object_is_told_with_it(suite):
    result = suite(LEAKY, "--leakwatch")
    result.stdout.fnmatch_lines(["   with   1 test_shop.Item", "1 leak, 1 object,*"])


def test_the_report_mode_tells_and_fails_nothing(suite):
    result = suite(LEAKY, "--leakwatch=report")
    assert result.ret == 0
    result.assert_outcomes(passed=2)
    result.stdout.fnmatch_lines(["1. 1 test_shop.Cart outlived the test, held by*", "*test_keeps*"])


def test_the_block_groups_the_tests_of_one_leak(suite):
    source = (
        SHOP
        + """
    import pytest
    @pytest.mark.parametrize("user", range(3))
    def test_many(user):
        OPEN[user] = Cart()
    def test_one():
        OPEN["x"], OPEN["y"] = Cart(), Cart()
    """
    )
    result = suite(source, "--leakwatch")
    assert leaked(result) == ["test_many[0]", "test_many[1]", "test_many[2]", "test_one"]
    result.stdout.fnmatch_lines(
        [
            "1 leak, 5 objects, * retained; 4 tests judged",
            "1. 5 test_shop.Cart outlived the test, held by test_shop.OPEN*",
            "     test_shop.py::test_one (2)",
            "     test_shop.py::test_many?0? (1)",
        ]
    )
    # One bug is read once: the other three errors name the one that has the path.
    result.stdout.fnmatch_lines(
        ["*retained, signature *; its path and what to do stand in the error of *::test_many[[]0]"]
    )
    assert str(result.stdout).count("module global test_shop") == 1


def test_what_died_before_the_end_of_the_session_is_no_leak(suite):
    source = (
        SHOP
        + """
    import pytest
    @pytest.fixture(scope="module", autouse=True)
    def closing():
        yield
        OPEN.clear()
    def test_opens():
        OPEN[1] = Cart()
    def test_more():
        OPEN[2] = Cart()
    """
    )
    result = suite(source, "--leakwatch")
    assert result.ret == 0
    result.stdout.fnmatch_lines(["no leaks; 2 tests judged"])


def test_tests_that_do_not_pass_are_counted_and_not_judged(suite):
    source = (
        SHOP
        + """
    import pytest
    def test_fails():
        cart = OPEN[1] = Cart()
        assert not cart
    def test_skips():
        OPEN[2] = Cart()
        pytest.skip()
    @pytest.mark.xfail
    def test_xfails():
        OPEN[3] = Cart()
        assert 0
    def test_fails_in_a_subtest(subtests):
        with subtests.test("one"):
            OPEN[4] = Cart()
            assert 0
    @pytest.fixture
    def broken():
        yield
        OPEN[5] = Cart()
        raise RuntimeError
    def test_fails_in_teardown(broken):
        pass
    """
    )
    result = suite(source, "--leakwatch")
    assert leaked(result) == []
    result.stdout.fnmatch_lines(
        ["no leaks; 0 tests judged, 5 not judged (3 failed, 1 skipped, 1 xfailed)"]
    )


def test_an_import_inside_a_test_makes_no_leak(suite, pytester):
    pytester.makepyfile(app="class Settings: ...\nCURRENT = Settings()\nCACHE = [Settings()]")
    source = """
    def test_imports():
        import app
    def test_uses():
        import app
        app.CACHE.append(app.Settings())
    """
    assert leaked(suite(source, "--leakwatch")) == ["test_uses"]


def test_a_module_that_is_executed_once_more_makes_no_leak(suite, pytester):
    pytester.makepyfile(
        app="""
        import threading
        class Settings(threading.local): ...
        CURRENT, CACHE = Settings(), [Settings()]
        """
    )
    source = """
    import importlib, sys
    def test_imports():
        import app
    def test_reloads():
        import app
        importlib.reload(app)
    def test_imports_anew():
        app = sys.modules.pop("app")
        assert importlib.import_module("app") is not app
    def test_uses():
        import app
        app.CACHE.append(app.Settings())
    """
    result = suite(source, "--leakwatch")
    assert leaked(result) == ["test_uses"]
    # A thread-local is held by whoever has it, not by the dict that each thread has in it.
    result.stdout.fnmatch_lines(["1. 1 app.Settings outlived the test, held by app.CACHE[[]1]"])


def test_no_code_of_the_program_runs_in_the_judgement(suite):
    source = """
    class Hostile:
        def trap(self, *args):
            raise RuntimeError("leakwatch ran code of the program")
        __repr__ = __eq__ = __hash__ = __len__ = __bool__ = __getattr__ = trap
        __class__ = property(trap)
    KEPT = []
    def test_leaks():
        KEPT.append(Hostile())
    """
    result = suite(source, "--leakwatch")
    assert leaked(result) == ["test_leaks"]
    assert "leakwatch ran code" not in result.stdout.str()


def test_objects_without_weak_references_are_judged_as_well(suite):
    source = """
    from dataclasses import dataclass
    @dataclass(slots=True)
    class Row:
        cells: list
    ROWS = []
    def test_leaks():
        ROWS.append(Row([1]))
    """
    assert leaked(suite(source, "--leakwatch")) == ["test_leaks"]


def test_the_header_says_what_is_judged(suite):
    result = suite(LEAKY, "--leakwatch", "--leakwatch-grace=0.5")
    result.stdout.fnmatch_lines(["leakwatch: error; judges registered objects and*, grace 0.5 s"])


def test_verbosity_of_our_own_shortens_the_block(suite):
    result = suite(LEAKY, "--leakwatch", "-o", "verbosity_leakwatch=-1")
    result.stdout.fnmatch_lines(["*= leakwatch =*", "1 leak, 1 object,*", "*short test summary*"])
    result.stdout.no_fnmatch_line("1. 1 test_shop.Cart outlived*")


def test_what_is_computed_once_for_all_is_no_leak_of_the_test_that_came_first(suite):
    source = """
    import functools
    class Settings: ...
    class Shop:
        @functools.cached_property
        def settings(self): return Settings()
    SHOP, SHOPS, OPEN = Shop(), [], []
    @functools.lru_cache
    def settings(): return Settings()
    @functools.cache
    def named(name): return Settings()

    def test_asks_first():
        assert settings() is settings() and SHOP.settings
    def test_asks_with_an_argument():
        named("a")
    def test_keeps_what_computes():
        SHOPS.append(Shop())
        SHOPS[0].settings
    def test_registers(leakwatch):
        settings.cache_clear()
        leakwatch.track(settings())
    """
    result = suite(source, "--leakwatch")
    assert leaked(result) == [
        "test_asks_with_an_argument",
        "test_keeps_what_computes",
        "test_registers",
    ]
    result.stdout.fnmatch_lines(
        ["known: 1 test_shop.Settings, held by test_shop.SHOP.settings: computed once, by *"]
    )


def test_attributes_that_different_tests_set_are_different_leaks(suite):
    source = """
    class Cart: ...
    class Shop: ...
    SHOP = Shop()
    def test_one(): SHOP.first = Cart()
    def test_two(): SHOP.second = Cart()
    def test_three(): SHOP.third = Cart()
    """
    result = suite(source, "--leakwatch")
    assert leaked(result) == ["test_one", "test_three", "test_two"]
    result.stdout.fnmatch_lines(["3 leaks, 3 objects,*"])
