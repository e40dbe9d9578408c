"""Native holders: proven by the reference count, or not stated at all."""

import pytest

from leakwatch.heap import island
from tests.heaps import held, report_on, run_python

pytestmark = pytest.mark.usefixtures("each_walk")


def test_the_surplus_counts_every_reference_of_c():
    lines = """
import ctypes
session = Session()
for _ in range(3): ctypes.pythonapi.Py_IncRef(ctypes.py_object(session))
del session
"""
    assert held(lines).startswith("native code (surplus 3)")


def test_this_interpreter_counts_references_one_by_one():
    assert island.calibrated() == island.OWN_REFERENCES
    assert island.OWN_REFERENCES is not None


def test_a_count_that_does_not_follow_references_is_refused(monkeypatch):
    monkeypatch.setattr(island, "getrefcount", lambda found: 7)
    assert island.calibrated() is None


def test_without_calibration_no_surplus_is_stated():
    lines = """
import ctypes, leakwatch
from leakwatch.heap import island, native
island.OWN_REFERENCES = native.OWN_REFERENCES = None
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
