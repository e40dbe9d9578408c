"""A scope that discovers: no registration, no snapshot, each window its own."""

import logging
import queue
import threading
import time

import pytest

import leakwatch
from leakwatch.errors import ConfigurationError

KEPT: list[object] = []


class Session:
    pass


class Order(Session):
    pass


@pytest.fixture(autouse=True)
def _let_go():
    yield
    KEPT.clear()


def counts(report) -> list[int]:
    return [leak.count for leak in report.leaks]


def test_discovery_needs_no_registration():
    with leakwatch.scope("discover", discover=True) as scope:
        KEPT.append(Session())
        Session()
    assert [leak.type_name for leak in scope.report.leaks] == [f"{__name__}.Session"]


def test_discovery_finds_containers_that_cannot_be_tracked():
    with leakwatch.scope("discover", discover=True) as scope:
        KEPT.append(["a", ["b"]])
    assert [leak.type_name for leak in scope.report.leaks] == ["builtins.list"]


def test_discovery_of_a_class_takes_its_subclasses():
    with leakwatch.scope("types", types=[Order]) as scope:
        KEPT.extend((Session(), Order()))
    assert [leak.type_name for leak in scope.report.leaks] == [f"{__name__}.Order"]
    with leakwatch.scope("types", types=[Session]) as scope:
        KEPT.extend((Session(), Order()))
    (leak,) = scope.report.leaks
    assert sorted(it.type_name for it in leak.types) == [
        f"{__name__}.Order",
        f"{__name__}.Session",
    ]


def test_discovery_by_pattern():
    with leakwatch.scope("types", types=["*test_discovery:Ord*"]) as scope:
        KEPT.extend((Session(), Order()))
    assert [leak.type_name for leak in scope.report.leaks] == [f"{__name__}.Order"]


def test_types_that_are_neither_classes_nor_patterns_are_refused():
    with pytest.raises(ConfigurationError, match="expected a class or a pattern"):
        leakwatch.scope("types", types=[5])


def test_nested_discovery_tells_each_scope_its_own(monkeypatch):
    # pytest keeps each log record, and that on the inner scope was born in the outer one.
    monkeypatch.setattr(logging.getLogger("leakwatch"), "disabled", True)
    with leakwatch.scope("outer", discover=True) as outer:
        KEPT.append(Session())
        with leakwatch.scope("inner", discover=True) as inner:
            KEPT.append(Order())
        KEPT.append(Session())
    assert [leak.type_name for leak in inner.report.leaks] == [f"{__name__}.Order"]
    (leak,) = outer.report.leaks
    assert {it.type_name: it.count for it in leak.types} == {
        f"{__name__}.Order": 1,
        f"{__name__}.Session": 2,
    }


def test_a_judgement_inside_does_not_disturb_discovery():
    with leakwatch.scope("outer", types=[Session]) as outer:
        KEPT.append(Session())
        with leakwatch.scope("inner"):
            KEPT.append(leakwatch.track(Session()))
        KEPT.append(Session())
    assert counts(outer.report) == [3]


def test_overlapping_discoveries_tell_each_scope_its_own():
    first = leakwatch.scope("first", types=[Session])
    second = leakwatch.scope("second", types=[Session])
    first.__enter__()
    KEPT.append(Session())
    second.__enter__()
    KEPT.append(Session())
    first.__exit__(None, None, None)
    KEPT.append(Session())
    second.__exit__(None, None, None)
    assert sum(counts(first.report)) == 2
    assert sum(counts(second.report)) == 2


def test_what_was_there_before_is_not_discovered():
    KEPT.append(Session())
    with leakwatch.scope("before", discover=True) as scope:
        KEPT.append(KEPT[0])
    assert scope.report.ok, str(scope.report)


def test_discovery_takes_in_what_was_tracked():
    with leakwatch.scope("both", types=[Order]) as scope:
        KEPT.extend((leakwatch.track(Session()), leakwatch.track(Order())))
    (leak,) = scope.report.leaks
    assert sorted(it.count for it in leak.types) == [1, 1]


def test_an_import_in_a_discovering_scope_is_no_leak(tmp_path, monkeypatch):
    lines = "import collections\nTABLE = {i: [i] for i in range(100)}\nclass Model: rows = [{}]\n"
    (tmp_path / "freshly_imported.py").write_text(lines)
    monkeypatch.syspath_prepend(tmp_path)
    with leakwatch.scope("importing", discover=True) as scope:
        __import__("freshly_imported")
    assert scope.report.ok, str(scope.report)


def test_a_thread_that_waits_for_work_is_no_leak():
    jobs = queue.Queue()
    worker = threading.Thread(target=lambda: [jobs.get() for _ in range(2)], daemon=True)
    worker.start()
    with leakwatch.scope("one job", discover=True) as scope:
        jobs.put(1)
        while jobs.qsize() or not jobs.not_empty._waiters:
            time.sleep(0.001)
    jobs.put(2)
    worker.join()
    assert scope.report.ok, str(scope.report)


def test_a_clean_scope_that_discovers_waits_for_nothing():
    for _ in range(2):  # the first in a context brings one along
        with leakwatch.scope("quiet", discover=True) as scope:
            [].append(object())
    assert scope.report.ok
    assert scope.report.settling.collections == 0
