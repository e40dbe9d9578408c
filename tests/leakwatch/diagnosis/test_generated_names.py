"""A namespace that gets an attribute of another name in each run leaks as a dict does."""

import contextvars
import itertools
import sys
from types import SimpleNamespace

import pytest

import leakwatch
from leakwatch.diagnosis.joining import fewest

NUMBER = itertools.count()
SPACE = SimpleNamespace()
LATEST = SimpleNamespace(first=[], second=[])


class Session:
    pass


class Cart:
    pass


@pytest.fixture(autouse=True)
def _few_runs_and_let_go(monkeypatch):
    monkeypatch.setattr("leakwatch.growth.rounds.MOST_RUNS", 7)
    yield
    vars(SPACE).clear()
    for name in [it for it in globals() if it.startswith("registered_")]:
        del globals()[name]
    LATEST.first.clear()
    LATEST.second.clear()


def to_a_new_name():
    setattr(SPACE, f"session_{next(NUMBER)}", Session())


def to_a_new_name_of_a_module():
    setattr(sys.modules[__name__], f"registered_{next(NUMBER)}", Session())


def only_leak(work):
    (leak,) = leakwatch.hunt(work).leaks
    return leak


def test_they_are_one_leak_with_the_growth_of_all():
    leak = only_leak(to_a_new_name)
    assert leak.growth == 1.0
    assert leak.type_name == f"{__name__}.Session"
    assert ".SPACE.session_" in leak.path.expression


def test_the_signature_does_not_depend_on_the_names():
    first = only_leak(to_a_new_name).signature
    vars(SPACE).clear()
    assert only_leak(to_a_new_name).signature == first


def test_types_under_generated_names_of_one_namespace_are_one_leak():
    def work():
        to_a_new_name()
        setattr(SPACE, f"cart_{next(NUMBER)}", Cart())

    leak = only_leak(work)
    assert sorted(it.type_name.rpartition(".")[2] for it in leak.types) == ["Cart", "Session"]
    assert leak.survivors == 2 * leak.count


def test_a_name_that_every_run_uses_stays_a_name():
    def work():
        LATEST.first.append(Session())
        LATEST.second.append(Session())

    leaks = leakwatch.hunt(work).leaks
    assert len({leak.signature for leak in leaks}) == 2
    assert [leak.growth for leak in leaks] == [1.0, 1.0]


def test_what_is_set_again_under_the_same_names_is_no_leak():
    def work():
        for name in ("first", "second", "third", "fourth"):
            setattr(SPACE, name, Session())

    assert leakwatch.hunt(work).ok


def test_context_variables_made_by_each_run_are_one_leak():
    def work():
        contextvars.ContextVar(f"of_run_{next(NUMBER)}").set({"session": Session()})

    leak = contextvars.copy_context().run(only_leak, work)
    assert (leak.growth, leak.pattern.code) == (1.0, "LW105")
    assert leak.path.root.kind == "context variable"


def test_a_name_of_few_runs_is_a_key_and_one_of_every_run_is_a_place():
    assert fewest([range(7)]) == 1
    assert fewest([range(1000), [3]]) == 99
    assert fewest([]) == 1


def test_what_the_names_have_in_common_is_told_and_not_one_of_them():
    leak = only_leak(to_a_new_name)
    assert leak.path.expression == f"{__name__}.SPACE.session_*"
    assert leak.path.cut.name == ".session_*"


def test_names_that_the_runs_of_a_hunt_have_set_by_the_hundred_are_told_as_few_are(monkeypatch):
    few = only_leak(to_a_new_name_of_a_module)
    monkeypatch.setattr("leakwatch.growth.rounds.MOST_RUNS", 300)
    many = only_leak(to_a_new_name_of_a_module)
    assert many.count > 100
    assert (many.signature, many.cause, many.path) == (few.signature, few.cause, few.path)


def test_names_that_outgrow_an_object_are_its_attributes_still(monkeypatch):
    """Up to thirty lie in the object itself; then it gets a dict, which is none of the work's."""
    space = LATEST.space = Cart()
    monkeypatch.setattr("leakwatch.growth.rounds.MOST_RUNS", 300)
    leak = only_leak(lambda: setattr(space, f"part_{next(NUMBER)}", [next(NUMBER)]))
    assert leak.path.expression == f"{__name__}.LATEST.space.part_*"
    del LATEST.space


def test_strings_under_generated_names_of_a_module_are_a_leak_of_that(monkeypatch):
    monkeypatch.setattr("leakwatch.growth.rounds.MOST_RUNS", 300)
    leak = only_leak(lambda: globals().update({f"registered_{next(NUMBER)}": f"{next(NUMBER)}!"}))
    assert str(leak.cause) == f"{__name__}[*]"
    assert leak.type_name == "builtins.str"


def left_in_a_scope(work, times=5):
    with leakwatch.scope("work", discover=True) as scope:
        for _ in range(times):
            work()
    return scope.report.leaks


def test_names_that_differ_in_a_number_are_one_leak_in_a_scope_too():
    (leak,) = left_in_a_scope(to_a_new_name)
    assert leak.count == 5
    assert leak.path.expression == f"{__name__}.SPACE.session_*"


def test_names_that_differ_in_more_are_places_of_their_own_in_a_scope():
    names = iter(("first", "second", "third"))
    leaks = left_in_a_scope(lambda: setattr(SPACE, next(names), Session()), times=3)
    assert sorted(leak.path.expression for leak in leaks) == [
        f"{__name__}.SPACE.{name}" for name in ("first", "second", "third")
    ]


def test_variables_made_anew_for_each_object_are_one_leak_in_a_scope_too():
    def work():
        contextvars.ContextVar(f"request_{next(NUMBER)}").set(Session())

    (leak,) = contextvars.copy_context().run(left_in_a_scope, work)
    assert leak.count == 5
    assert leak.path.root.label == "request_*"
