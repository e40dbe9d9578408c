"""What a weak mapping or a finalizer keeps for an object is told with that object."""

import asyncio
import weakref
from multiprocessing.util import Finalize

import pytest

import leakwatch
import weakrefs


class Session: ...


class Details: ...


class Application: ...


KEPT, KEPT_TOO = [], []


@pytest.fixture(autouse=True)
def _empty():
    yield
    KEPT.clear()
    KEPT_TOO.clear()


def closed(*_): ...


weakref.finalize(closed, closed).detach()  # the first one of a process registers all with atexit


def leaks_of(attach):
    """The leaks of ten sessions that are kept, each with something attached to it."""
    with leakwatch.scope("work", discover=True) as scope:
        for number in range(10):
            session = Session()
            attach(session, number)
            KEPT.append(session)
        del session
    return scope.report.leaks


def type_counts(leak):
    return {row.type_name.rpartition(".")[2]: row.count for row in leak.types}


@pytest.mark.parametrize("module", [weakref, weakrefs])
def test_the_value_of_a_weak_key_goes_with_the_key(module):
    details = module.WeakKeyDictionary()
    (leak,) = leaks_of(lambda session, _: details.__setitem__(session, Details()))
    assert leak.cause.holder == f"{__name__}.KEPT"
    assert type_counts(leak) == {"Session": 10, "Details": 10}


@pytest.mark.parametrize("module", [weakref, weakrefs])
def test_the_key_of_a_weak_value_goes_with_the_value(module):
    names = module.WeakValueDictionary()
    (leak,) = leaks_of(lambda session, number: names.__setitem__((Details(), number), session))
    assert leak.cause.holder == f"{__name__}.KEPT"
    assert type_counts(leak)["Session"] == 10


def test_several_entries_that_go_with_one_object_go_with_it():
    registry = {}

    def attach(session, number):
        for event in ("connect", "close"):
            registry[number, event] = {weakref.ref(session, closed): Details()}

    (leak,) = leaks_of(attach)
    assert leak.cause.holder == f"{__name__}.KEPT"
    assert type_counts(leak)["Details"] == 20


def test_the_record_of_a_finalizer_goes_with_its_object():
    (leak,) = leaks_of(lambda session, _: weakref.finalize(session, closed, Details()))
    assert leak.type_name == f"{__name__}.Session"
    assert leak.cause.holder == f"{__name__}.KEPT"
    assert type_counts(leak) == {"Session": 10, "Details": 10}


def test_a_finalizer_that_is_called_by_its_own_reference_goes_with_its_object():
    (leak,) = leaks_of(lambda session, _: Finalize(session, closed, args=(1,)))
    assert leak.cause.holder == f"{__name__}.KEPT"
    assert type_counts(leak)["Finalize"] == 10


def test_a_finalizer_of_what_is_in_use_is_no_leak():
    with leakwatch.scope("work", discover=True) as scope:
        session = Session()
        weakref.finalize(session, closed, Details())
    assert scope.report.leaks == ()
    assert session is not None


def test_a_finalizer_that_holds_its_object_is_the_cause():
    with leakwatch.scope("work", discover=True) as scope:
        session = Session()
        weakref.finalize(session, closed, session).atexit = False
        number = id(session)
        del session
    (leak,) = scope.report.leaks
    (record,) = (it for it in weakref.finalize._registry if id((it.peek() or [0])[0]) == number)
    record.detach()
    assert leak.pattern.code == "LW113"


def test_what_is_kept_for_an_object_that_was_there_before_is_a_leak():
    application = Application()
    with leakwatch.scope("work", discover=True) as scope:
        records = [weakref.finalize(application, closed, Details()) for _ in range(10)]
    del records
    (leak,) = scope.report.leaks
    assert leak.pattern.code == "LW113"


def test_two_places_that_keep_are_two_leaks():
    leaks = leaks_of(lambda session, _: KEPT_TOO.append(Details()))
    assert {leak.cause.holder for leak in leaks} == {f"{__name__}.KEPT", f"{__name__}.KEPT_TOO"}


def test_a_reference_that_only_notifies_binds_nothing():
    def attach(session, _):
        details = Details()
        details.session = weakref.ref(session, closed)
        KEPT_TOO.append(details)

    leaks = leaks_of(attach)
    assert {leak.type_name for leak in leaks} == {f"{__name__}.Session", f"{__name__}.Details"}


def test_many_survivors_in_one_entry_go_with_its_key():
    details = weakref.WeakKeyDictionary()
    (leak,) = leaks_of(lambda session, _: details.__setitem__(session, [Details() for _ in "abc"]))
    assert leak.cause.holder == f"{__name__}.KEPT"
    assert type_counts(leak) == {"Session": 10, "Details": 30}


class Poller:
    async def poll(self):
        await asyncio.sleep(3600)


def test_the_timer_of_a_task_that_sleeps_goes_with_the_task():
    async def work():
        async with leakwatch.scope("work", discover=True) as scope:
            KEPT.extend(asyncio.create_task(Poller().poll()) for _ in range(10))
            await asyncio.sleep(0)
        for task in KEPT:
            task.cancel()
        return scope.report.leaks

    (leak,) = asyncio.run(work())
    assert leak.cause.holder == f"{__name__}.KEPT"
    assert leak.pattern.code == "LW107"
    assert type_counts(leak)["Poller"] == 10


def test_a_finalizer_with_nothing_of_the_programs_is_told_by_what_it_calls():
    session = Session()
    with leakwatch.scope("finalizers", discover=True) as scope:
        for number in range(3):
            weakref.finalize(session, closed, number).atexit = False
    (leak,) = scope.report.leaks
    assert (leak.count, leak.path.root.kind) == (3, "finalize registry")
    assert "finalizer calling closed" in str(scope.report)
