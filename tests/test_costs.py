"""What leakwatch costs, counted and not timed: function calls, collections, runs of the work.

A machine that is busy counts the same. The bounds are a quarter above what was counted when they
were set; whoever makes something faster lowers them.
"""

import pytest

from tests.heaps import PLUGINS, run_python

pytestmark = pytest.mark.interpreter

COUNTING = """
import gc, sys
import leakwatch

class Thing: pass
KEPT, LISTS = [], {}

class Cost:
    calls = collections = 0
    def __enter__(self):
        gc.callbacks.append(self.collected)
        sys.setprofile(self.called)
        return self
    def __exit__(self, *failure):
        sys.setprofile(None)
        gc.callbacks.remove(self.collected)
    def called(self, frame, event, argument):
        self.calls += event == "call"
    def collected(self, phase, info):
        self.collections += phase == "start" and info["generation"] == 2

def cost(work):
    for _ in range(2): work()  # what is made at the first use
    with Cost() as found: work()
    return found

def registering():
    with leakwatch.scope("s") as scope:
        scope.track(Thing())

def discovering():
    with leakwatch.scope("s", discover=True):
        Thing()

def leaving(number):
    def work():
        KEPT.clear()
        with leakwatch.scope("s", on_leak=lambda report: None) as scope:
            for _ in range(number): KEPT.append(scope.track(Thing()))
    return work

def asking(number):
    KEPT[:] = [Thing() for _ in range(number)]
    return lambda: leakwatch.why(Thing)

def in_lists(number):
    for name in LISTS: del globals()[name]
    LISTS.clear()
    LISTS.update((f"list_{at}", []) for at in range(number))
    globals().update(LISTS)
    def work():
        with leakwatch.scope("s", on_leak=lambda report: None) as scope:
            for found in LISTS.values():
                found.clear()
                found.append(scope.track(Thing()))
    return work

def each_more(work, few, many):
    return (cost(work(many)).calls - cost(work(few)).calls) / (many - few)
"""


def counted(expression):
    return float(run_python("-c", f"{COUNTING}\nprint({expression})"))


@pytest.mark.parametrize(("work", "calls"), [("registering", 55), ("discovering", 142)])
def test_a_clean_scope_calls_few_functions(work, calls):
    assert counted(f"cost({work}).calls") <= calls


def test_a_clean_scope_with_the_plugins_that_hear_of_it_calls_few_functions(monkeypatch):
    monkeypatch.setenv(PLUGINS, "logging,memory")
    # As in most of many scopes in a row: the time that the figures may take is used up.
    spent = """
registering()
from leakwatch.announcing import ration
ration.due = float("inf")
"""
    calls = run_python("-c", f"{COUNTING}{spent}print(cost(registering).calls)")
    assert int(calls) <= 62


def test_of_many_scopes_in_a_row_few_take_figures_and_those_at_both_ends(monkeypatch):
    monkeypatch.setenv(PLUGINS, "memory")
    lines = """
import time
from leakwatch import announcing
registering()
announcing.ration._saved = 0.0
from leakwatch_memory import trends
trends._histories.clear()
ends = [0, 0]
until = time.perf_counter() + 0.5
while time.perf_counter() < until:
    with leakwatch.scope("s") as scope: scope.track(Thing())
    ends[scope.report.memory is not None] += 1
    assert scope.report.memory is None or "python_blocks" in scope.report.memory.change
assert 0 < ends[1] < ends[0] / 3, ends
print(trends._histories["s"].runs > sum(ends) / 2)
"""
    assert run_python("-c", COUNTING + lines).strip() == "True"


@pytest.mark.parametrize(
    ("work", "most"),
    [("registering", 0), ("discovering", 1), ("leaving(100)", 1), ("asking(9)", 1)],
)
def test_a_judgement_collects_no_more_than_once(work, most):
    # A discovering scope collects what was born in it, and not the heap.
    assert counted(f"cost({work}).collections") <= most


@pytest.mark.parametrize(("work", "most"), [("leaving", 24), ("asking", 9)])
def test_a_further_survivor_that_is_held_alike_costs_a_few_calls(work, most):
    assert counted(f"each_more({work}, 500, 1_000)") <= most


def test_a_further_cause_costs_the_same_however_many_there_are():
    few, many = counted("each_more(in_lists, 50, 100)"), counted("each_more(in_lists, 200, 400)")
    assert many <= few * 1.1
    assert many <= 590


def test_a_clean_hunt_calls_the_work_as_often_as_it_was_asked_to():
    hunt = "work = iter(range(10**6)).__next__\nleakwatch.hunt(lambda: work() and None)"
    assert int(run_python("-c", f"{COUNTING}\n{hunt}\nprint(work())")) == 10


def test_a_clean_hunt_collects_no_more_than_twenty_times():
    assert counted("cost(lambda: leakwatch.hunt(Thing)).collections") <= 20


OF_A_SUITE = """
import pathlib, sys
import pytest

OURS = ("leakwatch", "pytest_leakwatch", "weakrefs")
OPTIONS = ["-q", "-p", "pytest_leakwatch.plugin", "-p", "no:cacheprovider", "--leakwatch"]

def calls(body, tests):
    path = pathlib.Path(sys.argv[1], f"test_{tests}_{len(body)}.py")
    lines = (f"def test_{number}(): {body}" for number in range(tests))
    path.write_text("\\n".join(["class Thing: pass", *lines]))
    found = 0
    def called(frame, event, argument):
        nonlocal found
        home = frame.f_globals.get("__name__", "").partition(".")[0]
        found += event == "call" and home in OURS
    sys.setprofile(called)
    code = pytest.main([*OPTIONS, f"--rootdir={sys.argv[1]}", str(path)])
    sys.setprofile(None)
    assert code == 0
    return found

body = sys.argv[2]
calls(body, 5)
few = calls(body, 20)
print()
print((calls(body, 70) - few) / 50)
"""


@pytest.mark.parametrize(
    ("body", "most"), [("pass", 144), ("assert [str(1)] == ['1']", 168), ("assert Thing()", 218)]
)
def test_a_further_test_under_pytest_calls_few_functions(body, most, tmp_path, monkeypatch):
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    said = run_python("-c", OF_A_SUITE, str(tmp_path), body)
    assert float(said.splitlines()[-1]) <= most, said
