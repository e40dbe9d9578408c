"""The objects in numpy's arrays are found and named by their place; no code of theirs runs."""

from pathlib import Path

import pytest

from tests.heaps import BORROWS, PLUGINS, Case, cases, held, run_python

pytest.importorskip("numpy")
pytestmark = pytest.mark.usefixtures("each_walk", "numpy_plugin")

CASES = [
    pytest.param(case, id=case.title)
    for case in cases(Path(__file__).with_name("holders") / "arrays.txt")
]


@pytest.mark.parametrize("case", CASES)
def test_the_array_is_named(case: Case) -> None:
    outcome = held(case.lines)
    assert case.allows(outcome), f"{outcome}\nis none of {case.outcomes}"


@pytest.mark.parametrize("case", CASES)
def test_a_walk_that_borrows_names_the_same_array(
    case: Case, each_walk: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if each_walk == "pure":
        pytest.skip("a graph in Python holds what it reaches")
    monkeypatch.setenv(BORROWS, "1")
    outcome = held(case.lines)
    assert case.allows(outcome), f"{outcome}\nis none of {case.outcomes}"


def test_without_the_plugin_an_array_is_native_code(monkeypatch):
    monkeypatch.delenv(PLUGINS)
    lines = "import numpy\narray = numpy.array([Session(), None], dtype=object)"
    assert held(lines).startswith("native code (surplus 1)")


def test_numpy_is_not_imported_to_be_asked():
    lines = """
import sys, leakwatch
class Cart: pass
KEPT = [Cart()]
assert leakwatch.why(KEPT[0]).leaks
assert "leakwatch_numpy" in sys.modules
print("numpy" in sys.modules)
"""
    assert run_python("-c", lines) == "False\n"


def test_the_one_who_asks_is_not_the_answer_where_an_array_holds_the_object():
    lines = """
import leakwatch, numpy
class Cart: pass
array = numpy.array([None, Cart()], dtype=object)
def ask():
    cart = array[1]
    return leakwatch.why(cart)
print([leak.path.expression for leak in ask().leaks])
"""
    assert run_python("-c", lines) == "['__main__.array[1]']\n"


def test_elements_of_an_array_in_an_array_are_named():
    lines = """
import numpy
array = numpy.array([None, None], dtype=object)
array[0] = numpy.array([Session(), None], dtype=object)
"""
    assert held(lines) == "module global app: .array [0] [0]"


def test_an_array_whose_class_overrides_everything_runs_none_of_it():
    lines = """
import numpy
class Trap(numpy.ndarray): pass
array = numpy.array([None, None], dtype=object).view(Trap)
array[0] = Session()
def trap(*arguments): raise SystemExit("this code must not run")
for name in ("tolist", "__array_finalize__", "__len__", "__iter__", "__getattribute__"):
    setattr(Trap, name, trap)
for name in ("dtype", "ndim", "flat"):
    setattr(Trap, name, property(trap))
"""
    assert held(lines).startswith("module global app: .array [0]")


def test_what_an_array_in_a_survivor_holds_is_named_by_it():
    lines = """
import leakwatch, numpy
class Log: pass
class Session: pass
KEPT = []
def keep(session):
    log = Log()
    log.array = numpy.array([None, session], dtype=object)
    KEPT.append(log)
with leakwatch.scope("found", discover=True) as found:
    keep(Session())
with leakwatch.scope("told") as told:
    keep(leakwatch.track(Session()))
for scope in (found, told):
    print(*sorted(leak.path.expression for leak in scope.report.leaks))
"""
    assert run_python("-c", lines) == "__main__.KEPT[0]\n__main__.KEPT[1].array[1]\n"
