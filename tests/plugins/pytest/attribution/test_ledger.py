"""The notes on which owner left what: an owner is dropped, and comes back with its teardown."""

import pytest

from pytest_leakwatch.attribution.ledger import NOBODY, Ledger
from tests.plugins.pytest.conftest import leaked


class Cart:
    pass


def ledger_of(**born):
    """A ledger in which each owner has left so many carts, and the carts."""
    ledger, carts = Ledger(), []
    for owner, number in born.items():
        carts.append(enter(ledger, int(owner.removeprefix("owner_")), number))
    return ledger, carts


def enter(ledger, owner, number):
    carts = [Cart() for _ in range(number)]
    ledger._enter(carts, {id(cart): id(Cart) for cart in carts}, owner)
    return carts


class Unread(dict):
    """Entries that may be asked one by one, and not gone through."""

    def items(self):
        raise AssertionError("every entry was looked at")


def test_to_drop_an_owner_forgets_what_it_left_and_nothing_else():
    ledger, (first, second) = ledger_of(owner_1=3, owner_2=2)
    ledger.drop(1)
    assert ledger.owners_among({1, 2}) == {id(cart): 2 for cart in second}
    assert len(first) == 3


@pytest.mark.parametrize("owner", [2, 3, NOBODY])
def test_to_drop_an_owner_that_left_nothing_looks_at_no_entry(owner):
    ledger, (first, _) = ledger_of(owner_1=3, owner_2=0)
    ledger._origins = Unread(ledger._origins)
    ledger.drop(owner)
    assert len(ledger._origins) == len(first)
    with pytest.raises(AssertionError, match="every entry was looked at"):
        ledger.drop(1)


def test_what_a_dropped_owner_leaves_in_its_teardown_is_its_own_and_is_dropped_too():
    ledger, _ = ledger_of(owner_1=3, owner_2=1)
    ledger.drop(1)
    torn_down = enter(ledger, 1, 2)
    assert ledger.owners_among({1}) == {id(cart): 1 for cart in torn_down}
    ledger.drop(1)
    assert ledger.owners_among({1}) == {}
    assert len(ledger.owners_among({2})) == 1


SHOP = """
    import pytest
    OPEN = []
    class Cart: ...

    def leave(number):
        OPEN.extend(Cart() for _ in range(number))

    @pytest.fixture
    def left_open():
        leave(1)
        yield
        leave(2)

    @pytest.fixture(scope="module")
    def shop():
        yield
        leave(4)

    @pytest.fixture
    def broken(request):
        request.addfinalizer(lambda: leave(1))
        raise OSError

    @pytest.fixture(scope="module")
    def broken_shop(request):
        request.addfinalizer(lambda: leave(5))
        leave(1)
        raise OSError

    @pytest.mark.skip
    def test_skipped_before(left_open): ...
    def test_skipped(left_open): pytest.skip()
    def test_fails(left_open): assert False
    def test_has_an_error(broken): ...
    def test_has_another(broken_shop): ...
    def test_clean(shop): ...
    def test_leaks(left_open): ...
"""


def test_a_teardown_is_judged_of_tests_that_passed_and_of_wider_fixtures(suite):
    result = suite(SHOP, "--leakwatch")
    assert leaked(result) == ["broken_shop", "shop", "test_leaks"]
    result.stdout.fnmatch_lines(
        [
            "1 leak, 12 objects, * 2 tests judged, 5 not judged (2 skipped, 3 failed)",
            "*test_shop.py::broken_shop (5)",
            "*test_shop.py::shop (4)",
            "*test_shop.py::test_leaks (3)",
        ]
    )
