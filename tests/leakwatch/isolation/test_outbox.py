"""Values for somebody else's library: in order, on a thread of their own, whatever happens."""

import threading
from collections import deque

import pytest

from leakwatch.errors import FaultWarning
from leakwatch.isolation import outbox
from leakwatch.isolation.outbox import Outbox
from tests.heaps import run_python


def test_values_come_in_their_order_on_another_thread():
    came = []
    box = Outbox("test", lambda value: came.append((value, threading.current_thread().name)))
    for value in (1, 2, 3):
        box.put(value)
    box.flush()
    assert came == [(value, "leakwatch-test") for value in (1, 2, 3)]
    box.put(4)
    box.flush()
    assert came[3:] == [(4, "leakwatch-test")]


def test_what_the_library_raises_is_a_warning_and_the_next_value_comes():
    go, came = threading.Event(), []

    def deliver(value):
        go.wait(20)
        came.append(1 / value)

    box = Outbox("test", deliver)
    box.put(0)
    box.put(1)

    def delivered():
        go.set()
        box.flush(20)

    with pytest.warns(FaultWarning, match="test failed: ZeroDivisionError"):
        delivered()
    assert came == [1]


def test_a_library_that_stands_still_costs_no_more_memory_than_so_many_values(monkeypatch):
    monkeypatch.setattr(outbox, "MOST_WAITING", 2)
    go, came = threading.Event(), []

    def deliver(value):
        go.wait(20)
        came.append(value)

    box = Outbox("test", deliver)
    with pytest.warns(FaultWarning, match="too slow: some of what was found is lost") as warned:
        deque(map(box.put, range(50)), 0)
    go.set()
    box.flush(20)
    assert len(warned) == 1
    assert came == list(range(len(came)))
    assert len(came) in (2, 3)


FORKED = """
import os
from leakwatch.isolation.outbox import Outbox
box = Outbox("test", lambda value: print(os.getpid() == process, value, flush=True))
process = os.getpid()
box.put("parent"); box.flush()
child = os.fork()
if not child:
    process = os.getpid()
    box.put("child"); box.flush(); os._exit(0)
os.waitpid(child, 0)
box.put("at exit")
"""


def test_a_forked_child_delivers_its_own_and_the_end_of_a_process_waits_for_what_was_put():
    expected = ["True parent", "True child", "True at exit"]
    assert run_python("-c", FORKED).splitlines() == expected


IN_A_FINALIZER = """
import gc, threading
from leakwatch.isolation.outbox import Outbox
lock, came = threading.Lock(), []
def deliver(value):
    with lock: came.append(value)
box = Outbox("test", deliver)
class Scope:
    def __init__(self): self.me = self
    def __del__(self): box.put("found")
Scope()
with lock: gc.collect()
box.flush()
print(came)
"""


def test_a_finalizer_may_put_while_its_thread_has_the_lock_of_the_library():
    assert run_python("-c", IN_A_FINALIZER) == "['found']\n"
