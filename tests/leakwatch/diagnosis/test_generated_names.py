"""A namespace that gets an attribute of another name in each run leaks as a dict does."""

import contextvars
import itertools
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
    LATEST.first.clear()
    LATEST.second.clear()


def to_a_new_name():
    setattr(SPACE, f"session_{next(NUMBER)}", Session())


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
