"""What no root of a file leads to: native code is told from a cycle."""

from types import SimpleNamespace

import pytest

import leakwatch
from leakwatch.snapshots.unreached import Unreached
from tests.heaps import run_python


class Heap(SimpleNamespace):
    """Objects from `reached` on are those that no root leads to."""

    def __len__(self):
        return len(self.held)

    def references(self, number):
        return range(10 * number, 10 * number + len(self.held[number]))


def source_of(held, number, *, reached=1, hidden=()):
    targets = {10 * at + i: it for at, its in enumerate(held) for i, it in enumerate(its)}
    file = Heap(held=held, reached=reached, targets=targets, hidden=list(hidden))
    found = Unreached(file).source_of(number)
    return found.kind.name, found.way


def test_what_lies_behind_something_that_nothing_refers_to_is_held_from_outside():
    assert source_of([[], [2], [3], []], 3) == ("native code", (1, 2, 3))
    assert source_of([[], []], 1) == ("native code", (1,))


def test_a_cycle_may_be_garbage():
    assert source_of([[], [2], [1, 3], []], 3) == ("unknown holder", (3,))


def test_a_cycle_that_something_outside_leads_to_is_held():
    assert source_of([[], [2], [3], [2]], 3) == ("native code", (1, 2, 3))


def test_an_object_that_only_it_refers_to_has_no_holder_in_the_file():
    assert source_of([[], [1]], 1) == ("native code", (1,))


def test_references_that_are_not_shown_count():
    assert source_of([[], [], []], 2, hidden=[(2, 1, 0)]) == ("native code", (1, 2))


PROGRAM = """
import gc, leakwatch, sys
from ctypes import py_object, pythonapi
class Held: pass
class Ring: pass
gc.disable()
first, second = Ring(), Ring()
first.other, second.other = second, first
held = Held()
pythonapi.Py_IncRef(py_object(held))
del first, second, held
leakwatch.snapshot(sys.argv[1])
"""


SAID = {"Held": "native code", "Ring": "a cycle that no root"}


@pytest.mark.parametrize(("name", "told"), SAID.items())
def test_why_says_what_holds_such_an_object(tmp_path, name, told):
    run_python("-c", PROGRAM, str(tmp_path / "a.lwheap"))
    report = leakwatch.Snapshot.load(tmp_path / "a.lwheap").why(f"__main__.{name}")
    assert report.leaks
    assert told in str(report)
