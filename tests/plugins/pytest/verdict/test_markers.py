"""The markers: a test asks to be judged at once, or is allowed a leak."""

import pytest

from tests.plugins.pytest.conftest import leaked

SHOP = """
    import pytest
    class Cart: ...
    class Item: ...
    OPEN = []
"""


def test_a_marked_test_is_judged_without_the_flag(suite):
    source = (
        SHOP
        + """
    @pytest.mark.leakwatch
    def test_marked():
        OPEN.append(Cart())
    def test_other():
        OPEN.append(Cart())
    """
    )
    result = suite(source)
    assert result.ret == 1
    assert leaked(result) == ["test_marked"]


def test_a_marked_test_is_judged_at_once(suite):
    source = (
        SHOP
        + """
    @pytest.mark.leakwatch
    def test_marked():
        OPEN.append(Cart())
    def test_clears():
        OPEN.clear()
    """
    )
    result = suite(source, "--leakwatch")
    assert leaked(result) == ["test_marked"]
    result.stdout.fnmatch_lines(["test_shop.py .L.*"])


@pytest.mark.parametrize(
    ("track", "expected"),
    [("Cart", ["test_marked"]), ("['*:Cart']", ["test_marked"]), ("[Item]", [])],
)
def test_a_marker_chooses_its_own_classes(suite, track, expected):
    source = (
        SHOP
        + f"""
    @pytest.mark.leakwatch(track={track})
    def test_marked():
        OPEN.append(Cart())
    """
    )
    assert leaked(suite(source)) == expected


def test_a_marker_waits_for_its_own_grace(suite):
    source = (
        SHOP
        + """
    import threading
    def later(cart, ended):
        ended.wait(0.2)
    @pytest.mark.leakwatch(grace=30)
    def test_marked():
        threading.Thread(target=later, args=(Cart(), threading.Event())).start()
    """
    )
    assert suite(source).ret == 0


def test_a_marker_on_the_class_or_module_counts(suite):
    source = (
        SHOP
        + """
    pytestmark = pytest.mark.leakwatch
    class TestShop:
        def test_marked(self):
            OPEN.append(Cart())
    """
    )
    assert leaked(suite(source)) == ["test_marked"]


def test_an_allowed_leak_is_known_and_fails_nothing(suite):
    source = (
        SHOP
        + """
    @pytest.mark.leakwatch_allow(type="test_shop:Cart", count=1, reason="closed by the broker")
    def test_allowed():
        OPEN.append(Cart())
    @pytest.mark.leakwatch_allow(type=Cart, count=1, reason="only one")
    def test_too_many():
        OPEN.append(Cart())
        OPEN.append(Cart())
    @pytest.mark.leakwatch_allow(type="*:Item", reason="another type")
    def test_other_type():
        OPEN.append(Cart())
    """
    )
    result = suite(source, "--leakwatch")
    assert leaked(result) == ["test_other_type", "test_too_many"]
    result.stdout.fnmatch_lines(
        ["known: 1 test_shop.Cart, *: allowed in test_shop.py::test_allowed: closed by the broker"]
    )


@pytest.mark.parametrize(
    ("marker", "expected"),
    [
        ("leakwatch_allow(type='x')", "*expected @pytest.mark.leakwatch_allow(type=*reason=*"),
        ("leakwatch_allow(reason='y')", "*expected @pytest.mark.leakwatch_allow(type=*"),
        ("leakwatch(repeats=3)", "*expected @pytest.mark.leakwatch(*got leakwatch(repeats=); *"),
    ],
)
def test_a_marker_that_is_not_understood_ends_the_run(suite, marker, expected):
    result = suite(f"import pytest\n@pytest.mark.{marker}\ndef test_it(): pass", "--leakwatch")
    assert result.ret == 4
    result.stderr.fnmatch_lines([expected])


def test_both_markers_are_listed(suite):
    result = suite("", "--markers")
    result.stdout.fnmatch_lines(["@pytest.mark.leakwatch(*", "@pytest.mark.leakwatch_allow(*"])
