"""The fixture `leakwatch`: what a test says about its own objects."""

from tests.plugins.pytest.conftest import leaked

SHOP = """
    import pytest
    class Cart: ...
    OPEN = []
"""


def test_a_registered_object_is_judged_whatever_its_class(suite):
    source = """
    import collections, leakwatch as lw
    KEPT = []
    def test_leaks(leakwatch):
        KEPT.append(leakwatch.track(collections.Counter(), "one count a request"))
    def test_is_clean(leakwatch):
        leakwatch.track(collections.Counter())
    def test_by_the_function(leakwatch):
        KEPT.append(lw.track(collections.Counter()))
    """
    result = suite(source)
    assert leaked(result) == ["test_by_the_function", "test_leaks"]
    result.stdout.fnmatch_lines(["*made   *test_shop.py:4 in test_leaks*"])


def test_the_function_track_registers_with_any_judged_test(suite):
    source = """
    import collections, leakwatch
    KEPT = []
    def test_leaks():
        KEPT.append(leakwatch.track(collections.Counter()))
    """
    assert leaked(suite(source, "--leakwatch")) == ["test_leaks"]


def test_the_fixture_needs_no_flag(suite):
    result = suite(SHOP + "    def test_leaks(leakwatch):\n        OPEN.append(Cart())")
    assert leaked(result) == ["test_leaks"]


def test_assert_clean_fails_inside_the_test(suite):
    source = (
        SHOP
        + """
    def test_clean(leakwatch):
        cart = Cart()
        leakwatch.assert_clean()
    def test_leaks(leakwatch):
        cart = Cart()
        OPEN.append(cart)
        leakwatch.assert_clean()
    """
    )
    result = suite(source)
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(["E *LeakError: leakwatch: 1 test_shop.Cart *test_shop.OPEN?0?"])


def test_the_questions_of_leakwatch_can_be_asked(suite, pytester):
    pytester.makeconftest("from leakwatch.growth import rounds\nrounds.MOST_RUNS = 200")
    source = (
        SHOP
        + """
    def test_it(leakwatch):
        assert leakwatch.hunt(lambda: OPEN.append(Cart())).leaks[0].growth == 1
        assert "test_shop.OPEN" in str(leakwatch.why(Cart))
        with leakwatch.scope(discover=True) as scope:
            OPEN.append(Cart())
        assert scope.report.scope == "test_shop.py::test_it"
        assert scope.report.leaks
        OPEN.clear()
    """
    )
    assert suite(source).ret == 0
