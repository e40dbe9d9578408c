"""Modules that the work has made: one of them is a leak with all that is in it."""

import importlib.util
import itertools
import sys
from types import ModuleType

import pytest

import leakwatch

NUMBER = itertools.count()
KEPT = []
SOURCE = "class Model: pass\nROWS = [[] for _ in range(50)]\n"


@pytest.fixture(autouse=True)
def _few_runs_and_let_go(monkeypatch):
    monkeypatch.setattr("leakwatch.growth.rounds.MOST_RUNS", 21)
    yield
    KEPT.clear()
    for name in [it for it in sys.modules if it.startswith("generated_")]:
        del sys.modules[name]


def made_by_hand():
    module = ModuleType(f"generated_{next(NUMBER)}")
    exec(SOURCE, vars(module))
    return module


def entered():
    module = made_by_hand()
    sys.modules[module.__name__] = module


def left_in_a_scope(work):
    with leakwatch.scope("work", discover=True) as scope:
        for _ in range(3):
            work()
    return scope.report.leaks


def test_a_hunt_credits_a_module_with_what_only_it_holds():
    (leak,) = leakwatch.hunt(entered).leaks
    assert leak.type_name == "builtins.module"
    assert leak.retained_bytes > leak.count * 50 * sys.getsizeof([])


def test_a_scope_tells_them_too():
    (leak,) = left_in_a_scope(entered)
    assert (leak.type_name, leak.count) == ("builtins.module", 3)
    assert leak.retained_bytes > 3 * 50 * sys.getsizeof([])


def test_a_scope_tells_those_that_a_list_keeps():
    (leak,) = left_in_a_scope(lambda: KEPT.append(made_by_hand()))
    assert str(leak.cause) == f"{__name__}.KEPT[*]"


def test_a_file_that_is_loaded_again_and_again_is_credited_too(tmp_path):
    file = tmp_path / "plugin.py"
    file.write_text(SOURCE)

    def load():
        name = f"generated_{next(NUMBER)}"
        spec = importlib.util.spec_from_file_location(name, file)
        sys.modules[name] = module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)

    (leak,) = leakwatch.hunt(load).leaks
    assert leak.retained_bytes > leak.count * 50 * sys.getsizeof([])


def test_a_part_that_a_library_makes_of_itself_is_none():
    def work():
        sys.modules["generated_part"] = module = ModuleType("json.generated_part")
        module.rows = [[]]

    assert left_in_a_scope(work) == ()
    del sys.modules["generated_part"]
