"""Collections of everything see the whole heap though a window is open; run apart: it freezes."""

import os

import pytest

from tests.heaps import run_python

PRELUDE = """
import gc, os, threading, weakref
from leakwatch.guest.collector import collect, collect_young
from leakwatch.tracking.full_collections import FullCollections
from leakwatch.tracking.window import Window
class Ring:
    def __init__(self): self.me = self
def garbage():
    ring = Ring()
    return weakref.ref(ring)
told = []
class Owner:
    def __init__(self):
        self.hears = FullCollections(self.before, self.after)
        self.after()
        self.hears.start()
    def before(self):
        told.append("before")
        self.window.close()
    def after(self):
        told.append("after")
        self.window = Window()
    def end(self):
        self.hears.finish()
        self.window.close()
def frozen(): return gc.get_freeze_count() > 1000
gc.disable()
"""


def test_who_has_the_window_is_called_before_and_after():
    lines = """
old = garbage()
owner = Owner()
told.clear()
gc.collect()
assert old() is None and told == ["before", "after"] and frozen()
gc.collect(1)
assert len(told) == 2
owner.end()
assert not frozen() and gc.callbacks == []
gc.collect()
assert len(told) == 2
"""
    run_python("-c", PRELUDE + lines)


def test_a_collection_of_ours_is_one_of_the_window():
    lines = """
old = garbage()
owner = Owner()
told.clear()
new = garbage()
collect()
assert new() is None and old() is not None and not told
collect_young()
assert not told
"""
    run_python("-c", PRELUDE + lines)


def test_a_collection_on_another_thread_has_the_whole_heap_and_leaves_the_window():
    lines = """
old = garbage()
owner = Owner()
told.clear()
kept = Ring()
thread = threading.Thread(target=gc.collect)
thread.start()
thread.join()
assert old() is None and not told and frozen()
assert owner.window.lost is None and any(it is kept for it in owner.window.newborn())
"""
    run_python("-c", PRELUDE + lines)


def test_the_window_of_a_scope_inside_is_thawed_too():
    lines = """
old = garbage()
owner = Owner()
inner = Window()
kept = Ring()
gc.collect()
assert old() is None and frozen()
assert inner.lost is None and any(it is kept for it in inner.newborn())
"""
    run_python("-c", PRELUDE + lines)


def test_an_end_inside_a_collection_leaves_the_heap_thawed():
    lines = """
owner = Owner()
class Ends:
    def __init__(self): self.me = self
    def __del__(self): owner.end()
Ends()
gc.collect()
assert not frozen() and gc.callbacks == []
"""
    run_python("-c", PRELUDE + lines)


def test_callbacks_of_the_program_are_each_told_once():
    lines = """
heard = []
gc.callbacks.append(lambda phase, info: heard.append(phase))
owner = Owner()
gc.callbacks.append(lambda phase, info: heard.append(phase))
gc.collect()
assert heard == ["start", "start", "stop", "stop"]
owner.end()
assert len(gc.callbacks) == 2
"""
    run_python("-c", PRELUDE + lines)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork")
def test_a_forked_child_is_left_alone():
    lines = """
old = garbage()
owner = Owner()
told.clear()
if not (child := os.fork()):
    gc.collect()
    os._exit(bool(told) or frozen() or old() is not None or gc.callbacks != [])
assert os.waitpid(child, 0)[1] == 0
"""
    run_python("-c", PRELUDE + lines)
