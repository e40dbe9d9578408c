"""The generation window sees what was born since it opened; it runs apart, for it freezes."""

import pytest

from tests.heaps import run_python

PRELUDE = """
import gc
from leakwatch.tracking.window import Window, suspended, window_is_open
class Session: pass
class Order: pass
def born(window, cls): return sum(type(found) is cls for found in window.newborn())
"""


def test_a_window_sees_the_newborn_only():
    lines = """
old = [Session() for _ in range(3)]
window = Window()
new = [Session() for _ in range(2)]
assert born(window, Session) == 2
window.close()
assert not window_is_open()
assert born(Window(), Session) == 0
"""
    run_python("-c", PRELUDE + lines)


def test_what_a_window_passes_over_is_out_of_its_sight_and_not_of_that_of_another():
    lines = """
window = Window()
inner = Window(share=True)
first = Session()
window.pass_over(1)
second = Session()
assert born(window, Session) == 1
assert born(inner, Session) == 2
inner.close()
window.close()
assert first in gc.get_objects() and gc.get_freeze_count() <= 1_000
"""
    run_python("-c", PRELUDE + lines)


def test_an_inner_window_takes_nothing_from_the_outer():
    lines = """
outer = Window()
first = Session()
inner = Window()
second = Session()
assert born(inner, Session) == 1
assert born(outer, Session) == 2
inner.close()
third = Session()
assert born(outer, Session) == 3
outer.close()
assert not window_is_open()
"""
    run_python("-c", PRELUDE + lines)


def test_windows_may_overlap():
    lines = """
first = Window(); a = Session()
second = Window(); b = Session()
first.close(); c = Session()
assert born(second, Session) == 2
second.close()
assert gc.get_freeze_count() < 1000
"""
    run_python("-c", PRELUDE + lines)


def test_an_address_used_twice_does_not_lie():
    lines = """
window = Window()
for _ in range(1000):
    one = Order(); del one
    inner = Window(); inner.close()
kept = Session()
assert born(window, Order) == 0
assert born(window, Session) == 1
"""
    run_python("-c", PRELUDE + lines)


def test_the_whole_heap_is_in_sight_while_windows_are_suspended():
    lines = """
old = Session()
window = Window()
new = Session()
assert old not in gc.get_objects()
with suspended():
    assert old in gc.get_objects()
assert old not in gc.get_objects()
assert born(window, Session) == 1
"""
    run_python("-c", PRELUDE + lines)


def test_a_heap_that_the_program_froze_is_left_frozen():
    lines = """
gc.freeze()
frozen = gc.get_freeze_count()
window = Window()
assert not window.exact
new = Session()
assert born(window, Session) == 1
window.close()
assert gc.get_freeze_count() == frozen
"""
    run_python("-c", PRELUDE + lines)


def test_closing_twice_is_harmless():
    run_python("-c", PRELUDE + "window = Window(); window.close(); window.close()")


@pytest.mark.parametrize("options", ["types=[Item]", "discover=True"])
@pytest.mark.parametrize("early", [True, False])
def test_garbage_between_scopes_is_collected_though_each_makes_it_old(options, early):
    # `early`: it is garbage before the next scope is opened; else it gets old with that, and then
    # garbage, which only a collection of everything can find.
    run_python(
        "-c",
        f"""
import leakwatch
from leakwatch.guest import frozen_heap
frozen_heap.SHARE = 0  # a collection need not wait: how much is made meanwhile would tell the time
class Item: pass
class Ring:
    alive = 0
    def __init__(self): self.me = self; Ring.alive += 1
    def __del__(self): Ring.alive -= 1
most, kept = 0, []
for number in range(4_000):
    ring = [Ring() for _ in range(10)]
    if {early}: ring = None
    with leakwatch.scope("request", {options}): pass
    ring = None
    most = max(most, Ring.alive)
# Everything: 40,000.
assert most < ({early} and 100 or 8_000), most
""",
    )
