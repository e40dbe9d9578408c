"""Watched objects are judged when they are due and somebody asks."""

import pytest

import leakwatch
from leakwatch.tracking.watching import watched

KEPT: list[object] = []


class Session:
    pass


@pytest.fixture(autouse=True)
def _let_go():
    yield
    KEPT.clear()
    watched.forget()


def test_what_is_due_and_alive_is_a_leak():
    KEPT.append(leakwatch.watch(Session(), "closed", within=0))
    report = leakwatch.check()
    assert [leak.count for leak in report.leaks] == [1]
    assert report.kind == "check"
    assert report.leaks[0].born.function == "test_what_is_due_and_alive_is_a_leak"


def test_what_is_not_due_yet_is_not_judged():
    KEPT.append(leakwatch.watch(Session(), within=60))
    report = leakwatch.check()
    assert report.ok
    assert report.not_judged is not None
    assert report.not_judged.startswith("1 object is not due yet, the next in ")


def test_what_died_is_no_leak():
    leakwatch.watch(Session(), within=0)
    report = leakwatch.check()
    assert report.ok
    assert report.not_judged is None


def test_an_object_stays_watched_until_it_is_gone():
    KEPT.append(leakwatch.watch(Session(), within=0))
    assert not leakwatch.check().ok
    assert not leakwatch.check().ok
    KEPT.clear()
    assert leakwatch.check().ok


def test_what_the_caller_of_check_holds_is_in_use():
    mine = leakwatch.watch(Session(), within=0)
    report = leakwatch.check()
    assert report.ok
    assert [leak.count for leak in report.in_use] == [1]


def test_what_cannot_be_watched_is_refused():
    with pytest.raises(leakwatch.NotTrackable, match="class MyList"):
        leakwatch.watch([])
