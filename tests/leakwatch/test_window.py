"""The generation window sees what was born since it opened; it runs apart, for it freezes."""

from tests.heaps import run_python

PRELUDE = """
import gc
from leakwatch.window import Window, suspended, window_is_open
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
