"""Cyclic garbage as a finding of its own, for those who ask."""

import json

import pytest

from tests.heaps import run_python

pytestmark = pytest.mark.usefixtures("each_walk")

PRELUDE = """
import gc, json, leakwatch
gc.disable()
class Cart: pass
class Shop: pass
def tell(scope):
    report = scope.report
    print(json.dumps([
        [leak.type_name, leak.count, str(leak.path.root), [it.name for it in leak.path.references]]
        for leak in report.leaks
    ]))
"""


def told(lines: str) -> list[list[object]]:
    found: list[list[object]] = json.loads(run_python("-c", PRELUDE + lines))
    return found


def test_a_cycle_is_told_by_its_references():
    found = told("""
def work(scope):
    cart, shop = scope.track(Cart()), Shop()
    cart.shop, shop.carts = shop, [cart]
with leakwatch.scope("work", cycles=True) as scope: work(scope)
tell(scope)
""")
    assert found == [["__main__.Cart", 1, "cyclic garbage", [".shop", ".carts", "[0]"]]]


def test_who_does_not_ask_is_told_of_no_cycle():
    found = told("""
def work(scope):
    cart = scope.track(Cart()); cart.me = cart
with leakwatch.scope("work") as scope: work(scope)
tell(scope)
""")
    assert found == []


def test_what_hangs_from_a_cycle_is_told_with_the_cycle_above_it():
    found = told("""
def work(scope):
    shop = Shop(); shop.me = shop
    shop.cart = scope.track(Cart())
with leakwatch.scope("work", cycles=True) as scope: work(scope)
tell(scope)
""")
    assert found == [["__main__.Cart", 1, "cyclic garbage", [".me", ".cart"]]]


def test_what_dies_by_its_count_is_no_finding():
    found = told("""
with leakwatch.scope("work", cycles=True) as scope: scope.track(Cart())
tell(scope)
""")
    assert found == []


def test_what_is_held_is_a_leak_and_no_cycle():
    found = told("""
KEPT = []
def work(scope):
    cart = scope.track(Cart()); cart.me = cart
    KEPT.append(cart)
with leakwatch.scope("work", cycles=True) as scope: work(scope)
tell(scope)
""")
    assert found == [["__main__.Cart", 1, "module global __main__", [".KEPT", "[0]"]]]


def test_a_cycle_of_one_type_is_one_finding_wherever_it_begins():
    lines = """
def work(scope):
    first, second = [scope.track(Cart()) for _ in range(2)]
    if {turned}: first, second = second, first
    first.next, second.owner = second, first
with leakwatch.scope("work", cycles=True) as scope: work(scope)
tell(scope)
"""
    one, other = (told(lines.format(turned=turned)) for turned in (False, True))
    assert one == other
    assert one == [["__main__.Cart", 2, "cyclic garbage", [".next", ".owner"]]]


@pytest.mark.parametrize("options", ["discover=True", "types=[Cart]"])
def test_cycles_are_found_without_registration(options):
    found = told(f"""
def work():
    cart = Cart(); cart.me = cart
def judged():
    with leakwatch.scope("work", cycles=True, {options}) as scope: work()
    return scope
tell(judged())
""")
    assert found == [["__main__.Cart", 1, "cyclic garbage", [".me"]]]


def test_many_cycles_of_one_kind_are_one_finding():
    found = told("""
def work(scope):
    for _ in range(50):
        cart = scope.track(Cart()); cart.me = cart
with leakwatch.scope("work", cycles=True) as scope: work(scope)
tell(scope)
""")
    assert [row[:2] for row in found] == [["__main__.Cart", 50]]


def test_the_garbage_is_freed_all_the_same():
    lines = """
import gc, leakwatch, weakref
class Cart: pass
def work(scope):
    cart = scope.track(Cart()); cart.me = cart
    return weakref.ref(cart)
with leakwatch.scope("work", cycles=True) as scope: dead = work(scope)
print(dead() is None, gc.isenabled(), scope.report.ok)
"""
    assert run_python("-c", lines) == "True True False\n"
