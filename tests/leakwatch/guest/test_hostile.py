"""Nothing that is judged is ever asked anything: no method of it runs, nor of its class."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

import leakwatch
from tests.leakwatch.guest.hostile import (
    ASKED,
    Hostile,
    HostileClass,
    HostileNamespace,
    arm,
    disarm,
)

KEPT: list[Any] = []


@pytest.fixture(autouse=True)
def _let_go() -> Iterator[None]:
    yield
    disarm()
    KEPT.clear()
    ASKED.clear()


def in_a_list(suspect: object) -> object:
    return suspect


def beside_another(suspect: object) -> object:
    return [Hostile(), suspect, HostileClass()]


def behind_a_key(suspect: object) -> object:
    return {Hostile(): 1, HostileClass(): [suspect]}


def as_a_key(suspect: object) -> object:
    return {suspect: 1}


def in_a_set(suspect: object) -> object:
    return {Hostile(), suspect, HostileClass()}


def in_a_hostile_object(suspect: object) -> object:
    holder = Hostile()
    object.__setattr__(holder, "suspect", suspect)
    return holder


def in_an_object_of_a_hostile_class(suspect: object) -> object:
    holder = HostileClass()
    holder.suspect = suspect  # type: ignore[attr-defined]
    return holder


def in_a_hidden_namespace(suspect: object) -> object:
    holder = HostileNamespace()
    object.__setattr__(holder, "suspect", suspect)
    return holder


def in_a_closure(suspect: object) -> object:
    return lambda: suspect


HOLDERS = [
    in_a_list,
    beside_another,
    behind_a_key,
    as_a_key,
    in_a_set,
    in_a_hostile_object,
    in_an_object_of_a_hostile_class,
    in_a_hidden_namespace,
    in_a_closure,
]


@pytest.mark.parametrize("cls", [Hostile, HostileClass, HostileNamespace])
@pytest.mark.parametrize("holder", HOLDERS)
def test_a_tracked_object_is_found_and_reported(cls: type, holder: Callable[[object], Any]):
    with leakwatch.scope("hostile") as scope:
        leave_behind(scope, cls, holder)
    text = str(scope.report)
    disarm()
    assert ASKED == []
    assert f"{cls.__module__}.{cls.__qualname__}" in text
    assert "test_hostile.KEPT" in text
    assert scope.report is not None
    assert [leak.count for leak in scope.report.leaks] == [1]


def leave_behind(scope: Any, cls: type, holder: Callable[[object], Any]) -> None:
    suspect = cls()
    KEPT.append(holder(suspect))
    arm()
    scope.track(suspect)


def test_discovery_asks_nothing():
    with leakwatch.scope("hostile", discover=True) as scope:
        KEPT.extend(([Hostile()], HostileClass(), HostileNamespace()))
        arm()
    disarm()
    assert ASKED == []
    assert scope.report is not None
    assert [leak.survivors for leak in scope.report.leaks] == [3]


def test_discovery_by_class_and_pattern_asks_nothing():
    for types in ([Hostile, HostileClass], ["*hostile:Hostile*"]):
        with leakwatch.scope("hostile", types=types) as scope:
            KEPT.extend(([Hostile()], HostileClass()))
            arm()
        disarm()
        assert ASKED == []
        assert scope.report is not None
        assert [leak.survivors for leak in scope.report.leaks] == [2]


def test_watch_and_check_ask_nothing():
    KEPT.append(Hostile())
    arm()
    leakwatch.watch(KEPT[0], within=0)
    report = leakwatch.check()
    disarm()
    assert ASKED == []
    assert [leak.count for leak in report.leaks] == [1]


@pytest.mark.parametrize("cls", [Hostile, HostileClass, HostileNamespace])
def test_why_asks_nothing(cls: type):
    KEPT.append(cls())
    arm()
    report = leakwatch.why(KEPT[0])
    disarm()
    assert ASKED == []
    assert [leak.count for leak in report.leaks] == [1]


@pytest.mark.parametrize("cls", [Hostile, HostileClass])
def test_why_of_a_class_asks_nothing(cls: type):
    KEPT.append(cls())
    arm()
    report = leakwatch.why(cls)
    disarm()
    assert ASKED == []
    assert [leak.count for leak in report.leaks] == [1]


def test_hunt_asks_nothing():
    def work() -> None:
        disarm()
        KEPT.extend((Hostile(), HostileClass()))
        arm()

    report = leakwatch.hunt(work)
    disarm()
    assert ASKED == []
    assert [len(leak.types) for leak in report.leaks] == [2]


def test_a_key_that_is_no_name_is_not_printed():
    class Shop:
        pass

    shop = Shop()
    KEPT.append(shop)
    with leakwatch.scope("hostile") as scope:
        shop.__dict__[Hostile()] = scope.track(Shop())
        arm()
    disarm()
    assert ASKED == []
    assert scope.report is not None
    assert (
        scope.report.leaks[0].path.references[-1].name
        == ".__dict__[<tests.leakwatch.guest.hostile.Hostile>]"
    )
