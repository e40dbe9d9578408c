"""What a fixture of wider scope makes is its own, in setup and in teardown, and no test's."""

from tests.plugins.pytest.conftest import leaked

SHOP = """
    import collections, pytest, leakwatch
    class Cart: ...
    OPEN = []
"""


def test_each_leak_is_given_to_the_fixture_or_test_that_made_it(suite, pytester):
    source = (
        SHOP
        + """
    @pytest.fixture(scope="session")
    def for_session():
        OPEN.append(Cart())

    @pytest.fixture(scope="package")
    def for_package():
        OPEN.append(Cart())

    @pytest.fixture(scope="module")
    def for_module(for_session):
        yield
        OPEN.append(Cart())

    @pytest.fixture(scope="class")
    def for_class(request):
        OPEN.append(Cart())
        request.getfixturevalue("late")
        OPEN.append(Cart())

    @pytest.fixture(scope="module")
    def late():
        OPEN.append(leakwatch.track(collections.Counter()))

    @pytest.fixture
    def for_function():
        OPEN.append(Cart())

    def test_first_to_use_them(for_session, for_package, for_module): ...

    class TestInClass:
        def test_first(self, for_class): ...
        def test_second(self, for_class): ...

    def test_with_its_own(for_function): ...

    def test_last(for_module): ...
    """
    )
    result = suite(source, "--leakwatch", "-o", "verbosity_leakwatch=2")
    assert leaked(result) == [
        "for_class",
        "for_module",
        "for_package",
        "for_session",
        "late",
        "test_with_its_own",
    ]
    result.stdout.fnmatch_lines(
        [
            "*ERROR at teardown of fixture for_class*",
            "leakwatch: 2 test_shop.Cart outlived the class fixture 'for_class', held by *",
            "*outlived the class fixture 'for_class'*",
            "*made   test_shop.py:* in fixture for_class",
        ]
    )
    result.stdout.fnmatch_lines_random(
        [
            "LEAKED test_shop.py::TestInClass::for_class - *",
            "LEAKED test_shop.py::for_module - *",
            "LEAKED test_shop.py::for_session - *",
        ]
    )


def test_what_lasts_with_its_fixture_or_test_class_is_no_leak(suite):
    source = (
        SHOP
        + """
    import unittest
    STOCK = {}

    @pytest.fixture(scope="module")
    def stock():
        STOCK["a"] = Cart()
        yield STOCK
        STOCK.clear()

    def test_stock(stock):
        stock["b"] = Cart()

    class Base:
        @classmethod
        def setup_class(cls):
            cls.cart, cls.carts = Cart(), [Cart()]

    class TestPlain(Base):
        def test_it(self):
            self.cart.more = Cart()

    class TestUnit(unittest.TestCase):
        @classmethod
        def setUpClass(cls):
            cls.cart = Cart()
        def test_it(self):
            pass

    @pytest.fixture(scope="class")
    def on_the_class(request):
        request.cls.client = Cart()

    @pytest.mark.usefixtures("on_the_class")
    class TestClient:
        def test_it(self):
            OPEN.append(Cart())
    """
    )
    result = suite(source, "--leakwatch")
    assert [line for line in result.outlines if line.startswith("LEAKED")] == [
        line for line in result.outlines if line.startswith("LEAKED test_shop.py::TestClient::test")
    ]
    assert leaked(result) == ["test_it"]


def test_the_failed_setup_of_a_fixture_is_not_judged(suite):
    source = (
        SHOP
        + """
    @pytest.fixture(scope="module")
    def broken():
        OPEN.append(Cart())
        raise RuntimeError
    def test_it(broken): ...
    """
    )
    assert leaked(suite(source, "--leakwatch")) == []


def test_last_failed_runs_the_test_that_set_the_fixture_up(pytester):
    pytester.makepyfile(
        test_shop="""
        import pytest
        class Cart: ...
        OPEN = []
        @pytest.fixture(scope="module")
        def shelf():
            OPEN.append(Cart())
        def test_other(): ...
        def test_shelf(shelf): ...
        """
    )
    arguments = ("-p", "no:randomly", "-p", "no:xdist", "--leakwatch", "--lf")
    assert leaked(pytester.runpytest_subprocess(*arguments)) == ["shelf"]
    result = pytester.runpytest_subprocess(*arguments)
    assert leaked(result) == ["shelf"]
    result.assert_outcomes(passed=1, errors=1)
