"""Native holders: proven by the reference count, or not stated at all."""

import pytest

from leakwatch.paths import refcounts
from tests.heaps import held, report_on, run_python
from tests.interpreters import needs_global_lock

pytestmark = pytest.mark.usefixtures("each_walk")


def test_the_surplus_counts_every_reference_of_c():
    lines = """
import ctypes
session = Session()
for _ in range(3): ctypes.pythonapi.Py_IncRef(ctypes.py_object(session))
del session
"""
    assert held(lines).startswith("native code (surplus 3)")


def test_where_the_walk_stopped_early_no_holder_is_stated():
    lines = """
import leakwatch
from leakwatch import session
from leakwatch.heap.limits import Limits
from dataclasses import replace
class Cart: pass
KEPT = {}
judge = session.judge
session.judge = lambda case: judge(replace(case, limits=Limits(objects=100)))
with leakwatch.scope("work", on_leak="log") as scope:
    KEPT["cart"] = scope.track(Cart())
leak, = scope.report.leaks
print(leak.path.root.kind, len(leak.path.references), leak.pattern, scope.report.partial)
"""
    expected = "unknown holder 0 None stopped after visiting 100 objects (max_objects)\n"
    assert run_python("-c", lines) == expected


def test_this_interpreter_counts_references_one_by_one():
    assert refcounts.calibrated() == refcounts.OWN_REFERENCES
    assert refcounts.OWN_REFERENCES is not None


def test_a_count_that_does_not_follow_references_is_refused(monkeypatch):
    monkeypatch.setattr(refcounts, "getrefcount", lambda found: 7)
    assert refcounts.calibrated() is None


def test_without_calibration_no_surplus_is_stated():
    lines = """
import ctypes, leakwatch
from leakwatch.paths import refcounts
from leakwatch.paths import unreached
refcounts.OWN_REFERENCES = unreached.OWN_REFERENCES = None
class Cart: pass
def work(scope):
    cart = scope.track(Cart())
    ctypes.pythonapi.Py_IncRef(ctypes.py_object(cart))
with leakwatch.scope("work") as scope: work(scope)
print(scope.report.leaks[0].path.root)
"""
    said = run_python("-c", lines)
    assert "reference counts say nothing" in said
    assert "surplus" not in said


def test_a_frozen_heap_is_said_and_hides_no_holder():
    lines = """
import gc
KEPT = [Session() for _ in range(3)]
gc.freeze()
"""
    report = report_on(lines)
    assert [(leak.path.root.kind, leak.count) for leak in report.leaks] == [("module global", 3)]
    assert any("gc.freeze()" in note for note in report.notes)


def test_a_survivor_held_by_c_has_its_company():
    lines = """
import ctypes, leakwatch
class Session: pass
class Timer:
    def __init__(self): self.session = Session()
def work(): ctypes.pythonapi.Py_IncRef(ctypes.py_object(Timer()))
leak, = leakwatch.hunt(work, runs=4).leaks
print(leak.type_name, [(it.type_name, it.count) for it in leak.types[1:]])
"""
    said = run_python("-c", lines)
    assert said.startswith("__main__.Timer")
    assert "__main__.Session" in said


def test_the_heap_is_searched_for_connections_once_however_many_functions_they_have():
    lines = """
import itertools, sqlite3, leakwatch
from leakwatch.paths import unreached
asked = []
has_instances = unreached.has_instances
unreached.has_instances = lambda name: asked.append(name) or has_instances(name)
database = sqlite3.connect(":memory:")
class Tax:
    def rate(self): return 19
def work(): database.create_function(f"rate{next(numbers)}", 0, Tax().rate)
numbers = itertools.count()
leak, = leakwatch.hunt(work, runs=4).leaks
print(leak.count > len(asked), len(asked), leak.path.root.label)
"""
    assert run_python("-c", lines) == "True 1 (surplus 1), perhaps sqlite3.Connection\n"


BESIDE_A_THREAD = """
import ctypes, threading, leakwatch
from leakwatch.guest import collector
collector.has_global_lock = lambda: {lock}
class Cart: pass
CARTS, begun, over = [], threading.Event(), threading.Event()
def work(cart):
    begun.set()
    over.wait()
with leakwatch.scope("work", on_leak="log") as scope:
    CARTS.append(scope.track(Cart()))
    thread = threading.Thread(target=work, args=[scope.track(Cart())], daemon=True)
    thread.start()
    begun.wait()
    del thread._args
for group in (scope.report.leaks, scope.report.in_use):
    print(*sorted(leak.path.root.kind for leak in group))
print(*scope.report.notes, sep="\\n")
over.set()
"""


@needs_global_lock
def test_what_a_running_thread_holds_is_told_by_its_frame():
    told = run_python("-c", BESIDE_A_THREAD.format(lock=True)).splitlines()
    assert told[:2] == ["module global running frame", ""]
    assert "cannot be read" not in "".join(told)


def test_without_the_global_lock_what_a_running_thread_may_hold_is_not_accused():
    told = run_python("-c", BESIDE_A_THREAD.format(lock=False)).splitlines()
    assert told[:2] == ["module global", "unknown holder"]
    assert told[2].startswith("the variables of 1 other thread cannot be read")


NATIVE = """
import ctypes, leakwatch
import leakwatch.growth.rounds
leakwatch.growth.rounds.MOST_RUNS = 30
class Session: pass
def keep(found): ctypes.pythonapi.Py_IncRef(ctypes.py_object(found))
"""


def test_containers_that_c_holds_are_told_beside_objects_with_a_name():
    lines = f"""{NATIVE}
def work():
    keep(Session())
    for number in range(3): keep([number])
    keep({{"session": Session()}})
print(*sorted((it.type_name, it.growth) for it in leakwatch.hunt(work).leaks))
"""
    told = run_python("-c", lines)
    assert told == "('__main__.Session', 2.0) ('builtins.list', 3.0)\n"


def test_in_a_scope_what_a_call_has_on_the_stack_is_no_leak_beside_a_session():
    lines = f"""{NATIVE}
keep(object())
with leakwatch.scope("work", discover=True, on_leak="log") as scope:
    keep(Session())
    keep([1])
print(*(it.type_name for it in scope.report.leaks))
"""
    assert run_python("-c", lines) == "__main__.Session\n"
