"""A test that leaves objects behind fails with their path; every other test is left alone."""

from pytest_leakwatch.output.text import ends_of
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
        OPEN[f"u{len(OPEN)}"] = Cart()

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
            "leakwatch: 1 test_shop.Cart outlived the test, held by test_shop.OPEN['u0']",
            "*module global test_shop",
            "*.OPEN *-> dict*",
            "*['u0'*-> test_shop.Cart*",
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
        OPEN[len(OPEN)] = Cart()
    def test_one():
        OPEN[len(OPEN)] = Cart()
        OPEN[len(OPEN)] = Cart()
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
    # One bug is read once: the other three tests stand in the short summary only.
    assert str(result.stdout).count("module global test_shop") == 1
    assert str(result.stdout).count("ERROR at teardown of") == 1
    result.stdout.fnmatch_lines([f"LEAKED *::{name}*" for name in ("test_many?1?", "test_one")])
    result.assert_outcomes(passed=4, errors=4)


def test_of_many_tests_that_one_cause_fails_five_are_named_besides_and_all_are_counted(suite):
    source = (
        SHOP
        + """
    import pytest
    @pytest.mark.parametrize("user", range(12))
    def test_many(user):
        OPEN[len(OPEN)] = Cart()
    """
    )
    result = suite(source, "--leakwatch")
    assert len(leaked(result)) == 1 + 5
    assert str(result.stdout).count("ERROR at teardown of") == 1
    result.stdout.fnmatch_lines(
        ["6 more tests failed for these leaks; `-o verbosity_leakwatch=2` names all"]
    )
    result.assert_outcomes(passed=12, errors=12)
    result = suite(source, "--leakwatch", "-o", "verbosity_leakwatch=2")
    assert len(leaked(result)) == 12
    result.assert_outcomes(passed=12, errors=12)


def test_each_error_stands_in_files_and_where_all_is_asked_for(suite, tmp_path):
    source = (
        SHOP
        + """
    import pytest
    @pytest.mark.parametrize("user", range(2))
    def test_many(user):
        OPEN[len(OPEN)] = Cart()
    """
    )
    file = tmp_path / "results.xml"
    said = "held by *; path and advice stand in the error of *::test_many[[]0]*"
    result = suite(source, "--leakwatch", f"--junit-xml={file}")
    result.stdout.no_fnmatch_line(f"leakwatch: 1 *, {said}")
    assert "path and advice stand in the error of" in file.read_text(encoding="utf-8")
    result = suite(source, "--leakwatch", "-o", "verbosity_leakwatch=2")
    result.stdout.fnmatch_lines([f"leakwatch: 1 *, {said}"])


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
    result.stdout.fnmatch_lines(["1. 1 app.Settings outlived the test, held by app.CACHE[[]?]"])


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


def many_leaks(number):
    """A suite of so many tests with a leak each, the last one with the largest."""
    lines = [f"    class C{n}: ...\n    K{n} = []\n" for n in range(number)]
    for n in range(number):
        lines += [f"    def test_{n}():\n        K{n}.append(C{n}())\n"]
        lines += [f"        K{n}[-1].data = bytearray({1000 * (n + 1)})\n"]
    return "".join(lines)


def test_the_ten_largest_leaks_are_told_with_their_paths_and_all_in_a_line(suite):
    result = suite(many_leaks(12), "--leakwatch", "-q")
    assert len(leaked(result)) == 12
    assert str(result.stdout).count("  module global test_shop") == 10
    assert str(result.stdout).count("_ ERROR at teardown of ") == 10
    assert len(result.stdout.lines) <= 120
    result.stdout.fnmatch_lines(
        [
            "*_ ERROR at teardown of test_2 _*",
            "leakwatch: 1 test_shop.C2 outlived the test, held by test_shop.K2?2?",
            "  LW101 container that only grows, * retained, signature *",
            "    .K2 -> list",
            "    ?2? -> test_shop.C2",
            "  next   remove the entry when the object is done, *",
            "*= leakwatch =*",
            "1. 1 test_shop.C11 outlived the test, held by *; every run: each of 3 runs left it",
            "12. 1 test_shop.C0 outlived the test, held by *; every run: each of 3 runs left it",
            "*12 passed, 12 errors in *",
        ]
    )
    result = suite("", "--leakwatch", "-qq")
    result.stdout.no_fnmatch_line("1. 1 test_shop.C11 outlived*")


def test_where_no_error_tells_of_many_leaks_the_block_does(suite):
    result = suite(many_leaks(4), "--leakwatch=report")
    result.stdout.fnmatch_lines(
        [
            "1. 1 test_shop.C3 outlived the test, held by test_shop.K3?0?",
            "   LW101 container that only grows, * retained, signature *",
            "   seen in one run; *",
            "     *::test_3 (1)",
        ]
    )


def test_of_a_long_path_the_ends_are_told_of_one_leak_of_many():
    lines = ["module global shop", "  .A -> a", "  .B -> b", "  .C -> c", "  .D -> d"]
    assert ends_of(lines[:4]) == lines[:4]
    assert ends_of(lines) == [*lines[:2], "  ... 2 more references ...", lines[-1]]


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
    result = suite(source, "--leakwatch", "--no-leakwatch-confirm")
    assert leaked(result) == [
        "test_asks_with_an_argument",
        "test_keeps_what_computes",
        "test_registers",
    ]
    result.stdout.fnmatch_lines(
        ["known: 1 test_shop.Settings, held by test_shop.SHOP.settings: computed once, by *"]
    )


def test_what_has_room_for_one_object_is_told_and_fails_nothing(suite):
    source = """
    class Cart: ...
    class Shop: ...
    SHOP = Shop()
    def test_one(): SHOP.first = Cart()
    def test_two(): SHOP.second = Cart()
    def test_three(): Shop.third = Cart()
    def test_asks_for_a_handler():
        import signal
        class Handler:
            def __call__(self, *args): ...
        signal.signal(signal.SIGUSR1, Handler())
    """
    result = suite(source, "--leakwatch")
    assert result.ret == 0
    result.stdout.fnmatch_lines(["no leaks; 4 tests judged"])
    result.stdout.fnmatch_lines_random(
        [
            f"known: 1 *, held by {place}: one-off: its place has room for one*"
            for place in ("*SHOP.first", "*SHOP.second", "*Shop.third", "signal handler SIGUSR1")
        ]
    )


def test_who_asks_to_be_judged_or_registers_an_object_is_failed_by_a_slot(suite):
    source = """
    import pytest
    class Cart: ...
    class Shop: ...
    SHOP = Shop()
    @pytest.mark.leakwatch
    def test_marked(): SHOP.first = Cart()
    def test_registers(leakwatch): SHOP.second = leakwatch.track(Cart())
    """
    assert leaked(suite(source, "--leakwatch")) == ["test_marked", "test_registers"]


def test_a_chain_of_attributes_is_a_leak(suite):
    source = """
    class Node: ...
    class Chain: head = None
    CHAIN = Chain()
    def add():
        node = Node()
        node.next, CHAIN.head = CHAIN.head, node
    def test_adds(): add(); add()
    def test_adds_more(): add()
    """
    result = suite(source, "--leakwatch")
    assert leaked(result) == ["test_adds", "test_adds_more"]


def test_what_leads_the_part_of_a_test_is_what_holds_the_rest(suite):
    source = """
    OPEN = []
    class Message: ...
    class Channel:
        def __init__(self): self.messages = [Message() for _ in range(5)]
    class Other(Channel): ...
    def test_one():
        OPEN.extend([Channel(), Channel()])
    def test_another():
        OPEN.append(Other())
    """
    result = suite(source, "--leakwatch")
    result.stdout.fnmatch_lines(
        [
            "leakwatch: 1 test_shop.Other outlived the test, *",
            "1. 2 test_shop.Channel outlived the test, *",
        ]
    )
