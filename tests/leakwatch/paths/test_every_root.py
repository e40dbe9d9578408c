"""Every root that holds an object, each once, with its shortest path."""

import json

import pytest

from tests.heaps import run_python

pytestmark = pytest.mark.usefixtures("each_walk")

PRELUDE = """
import json, leakwatch, signal
class Cart: pass
class Shop: pass
cart = Cart()
def told(**options):
    report = leakwatch.why(Cart, **options)
    print(json.dumps([[leak.path.expression for leak in report.leaks], list(report.notes)]))
"""


def told(lines: str) -> tuple[list[str], list[str]]:
    paths, notes = json.loads(run_python("-c", PRELUDE + lines))
    return paths, notes


def test_each_root_is_told_once_and_the_shortest_path_first():
    paths, _ = told("""
CARTS = {"a": cart}
QUEUE = [[cart]]
Shop.cart = cart
signal.signal(signal.SIGUSR1, lambda *arguments, cart=cart: None)
del cart
def ask(): told(all=True)
ask()
""")
    assert paths[0] == "__main__.CARTS['a']"
    assert sorted(paths[1:]) == [
        "__main__.QUEUE[0][0]",
        "__main__.Shop.cart",
        "signal handler SIGUSR1: __kwdefaults__['cart']",
    ]


def test_by_default_only_the_first_root_is_told():
    paths, _ = told("""
CARTS = {"a": cart}
QUEUE = [[cart]]
del cart
def ask(): told()
ask()
""")
    assert paths == ["__main__.CARTS['a']"]


def test_a_second_way_through_the_same_entry_is_no_other_root():
    paths, _ = told("""
CARTS = {"a": cart, "b": [cart]}
del cart
def ask(): told(all=True)
ask()
""")
    assert paths == ["__main__.CARTS['a']"]


def test_roots_beyond_the_bound_are_not_searched():
    paths, _ = told("""
for number in range(40): globals()[f"CARTS{number:02}"] = [cart]
del cart
def ask(): told(all=True)
ask()
""")
    assert len(paths) == 20


def test_sizes_are_credited_once():
    lines = """
import leakwatch
class Cart: pass
cart = Cart()
cart.data = bytearray(100_000)
FIRST = [cart]; SECOND = [cart]
del cart
def ask():
    report = leakwatch.why(Cart, all=True)
    print(len(report.leaks), sum(leak.retained_bytes > 100_000 for leak in report.leaks))
ask()
"""
    assert run_python("-c", lines) == "2 1\n"
