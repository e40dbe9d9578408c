"""A scope as a block: what is judged, when, nested, and in threads and tasks."""

import asyncio
import contextvars
import ctypes
import threading

import pytest

import leakwatch
from leakwatch.errors import ScopeError
from tests.heaps import run_python
from tests.interpreters import needs_global_lock

KEPT: list[object] = []


class Session:
    pass


@pytest.fixture(autouse=True)
def _let_go():
    yield
    KEPT.clear()


def counts(report) -> list[int]:
    return [leak.count for leak in report.leaks]


def keep() -> None:
    KEPT.append(leakwatch.track(Session()))


def test_what_outlives_the_block_is_reported():
    with leakwatch.scope("block") as scope:
        assert scope.report is None
        keep()
        leakwatch.track(Session())
    assert scope.report.scope == "block"
    assert counts(scope.report) == [1]
    assert not scope.report.ok


def test_what_outlives_an_asynchronous_block_is_reported():
    async def main():
        async with leakwatch.scope("block") as scope:
            await asyncio.sleep(0)
            keep()
        return scope.report

    assert counts(asyncio.run(main())) == [1]


def test_the_call_that_goes_on_with_a_task_is_no_leak():
    async def main():
        with leakwatch.scope("block", discover=True) as scope:
            await asyncio.sleep(0.001)
        return scope.report

    assert counts(asyncio.run(main())) == []


def test_the_call_that_goes_on_with_a_generator_is_no_leak():
    def fixture():
        with leakwatch.scope("fixture", discover=True) as scope:
            yield
        yield scope.report

    generator = fixture()
    next(generator)
    report = next(*[generator])
    assert counts(report) == []


def test_a_tuple_that_native_code_keeps_is_a_leak_beside_such_a_call():
    keep = ctypes.pythonapi.Py_IncRef

    async def main():
        with leakwatch.scope("block", discover=True) as scope:
            await asyncio.sleep(0.001)
            for _ in range(3):
                keep(ctypes.py_object((object(), [])))
        return scope.report

    assert counts(asyncio.run(main())) == [3]


def test_a_variable_of_the_caller_is_in_use():
    with leakwatch.scope("variable") as scope:
        mine = scope.track(Session())
    assert scope.report.ok
    assert [leak.count for leak in scope.report.in_use] == [1]
    assert mine is not None


def test_a_variable_of_a_calling_coroutine_is_in_use():
    async def work(scope):
        await asyncio.sleep(0.001)
        mine = scope.track(Session())
        await check(scope)
        return mine

    async def check(scope):
        async with scope.again() as inner:
            inner.track(Session())
        await scope.__aexit__(None, None, None)

    async def main():
        scope = await leakwatch.scope("variable").__aenter__()
        await work(scope)
        return scope.report

    report = asyncio.run(main())
    assert report.ok, str(report)
    assert [leak.count for leak in report.in_use] == [1]


def test_a_cycle_is_collected_before_it_is_judged():
    with leakwatch.scope("cycle") as scope:
        session = scope.track(Session())
        session.me = session
        del session
    assert scope.report.ok
    assert scope.report.settling.collections > 0


def test_a_task_that_is_just_ending_is_waited_for():
    async def short(session):
        await asyncio.sleep(0.01)

    async def main():
        async with leakwatch.scope("ending", grace=5) as scope:
            task = asyncio.create_task(short(scope.track(Session())))
            del task
            await asyncio.sleep(0)
        return scope.report

    report = asyncio.run(main())
    assert report.ok, str(report)
    assert report.settling.waited > 0


def test_a_thread_that_is_just_ending_is_waited_for():
    gate = threading.Event()

    def short(session):
        gate.wait()

    with leakwatch.scope("ending", grace=5) as scope:
        thread = threading.Thread(target=short, args=[scope.track(Session())])
        thread.start()
        threading.Timer(0.05, gate.set).start()
        del thread
    assert scope.report.ok, str(scope.report)


def test_the_innermost_scope_takes_what_is_tracked():
    with leakwatch.scope("outer") as outer:
        keep()
        with leakwatch.scope("inner") as inner:
            keep()
            keep()
        keep()
    assert counts(inner.report) == [2]
    assert counts(outer.report) == [2]


def test_scopes_may_close_out_of_order():
    outer, inner = leakwatch.scope("outer"), leakwatch.scope("inner")
    outer.__enter__()
    inner.__enter__()
    KEPT.extend((outer.track(Session()), inner.track(Session())))
    outer.__exit__(None, None, None)
    keep()
    inner.__exit__(None, None, None)
    assert counts(outer.report) == [1]
    assert sum(counts(inner.report)) == 2
    with pytest.raises(ScopeError, match="no scope is open"):
        leakwatch.track(Session())


def test_a_scope_around_two_that_close_out_of_order_is_current_again():
    with leakwatch.scope("around") as around:
        outer, inner = leakwatch.scope("outer"), leakwatch.scope("inner")
        outer.__enter__()
        inner.__enter__()
        outer.__exit__(None, None, None)
        inner.__exit__(None, None, None)
        keep()
    assert counts(around.report) == [1]


def test_threads_and_tasks_do_not_share_the_current_scope():
    barrier = threading.Barrier(2)
    reports = {}

    def work(number):
        with leakwatch.scope(f"thread {number}") as scope:
            barrier.wait()
            for _ in range(number):
                keep()
            barrier.wait()
        reports[number] = scope.report

    threads = [threading.Thread(target=work, args=[number]) for number in (1, 2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {number: sum(counts(report)) for number, report in reports.items()} == {1: 1, 2: 2}


def test_tasks_have_scopes_of_their_own():
    async def work(number):
        async with leakwatch.scope(f"task {number}") as scope:
            await asyncio.sleep(0)
            for _ in range(number):
                keep()
            await asyncio.sleep(0)
        return sum(counts(scope.report))

    async def main():
        return await asyncio.gather(work(1), work(2))

    assert asyncio.run(main()) == [1, 2]


def test_a_scope_closed_in_another_context_is_judged_all_the_same():
    scope = leakwatch.scope("elsewhere")
    contextvars.copy_context().run(scope.__enter__)
    KEPT.append(scope.track(Session()))
    scope.__exit__(None, None, None)
    assert counts(scope.report) == [1]


def test_a_scope_is_used_once():
    scope = leakwatch.scope("once")
    with scope:
        pass
    with pytest.raises(ScopeError, match="make a new one"), scope:
        pass


def test_a_scope_cannot_be_entered_while_it_is_open():
    scope = leakwatch.scope("once")
    with scope, pytest.raises(ScopeError, match="used before"), scope:
        pass
    assert scope.report.ok


def test_tracking_needs_an_open_scope():
    scope = leakwatch.scope("closed")
    with pytest.raises(ScopeError, match="not open"):
        scope.track(Session())
    with scope:
        pass
    with pytest.raises(ScopeError, match="not open"):
        scope.track(Session())


def test_a_callback_of_the_collector_may_open_scopes_while_others_are_opened():
    # Before CPython 3.12 it comes in the midst of `ContextVar.set`, and that crashed.
    run_python(
        "-c",
        """
import contextvars, gc, leakwatch
from leakwatch.guest.guarded import native
class Cart: pass
variables = [contextvars.ContextVar(str(number)) for number in range(40)]
for variable in variables: variable.set(1)
busy = False
def called(phase, info):
    global busy
    if not busy:
        busy = True
        with leakwatch.scope("inner"): pass
        busy = False
with leakwatch.scope("first"): pass
if native is not None:
    gc.callbacks.append(called)
    gc.set_threshold(1)
for _ in range(2_000):
    with leakwatch.scope("outer") as outer: outer.track(Cart())
    assert outer.report.ok
""",
    )


@pytest.mark.parametrize("options", [{"types": [Session]}, {"discover": True}])
def test_what_only_a_thread_that_worked_before_holds_is_in_use(options):
    asked, made, end = threading.Event(), threading.Event(), threading.Event()

    def work():
        asked.wait()
        session = Session()
        made.set()
        end.wait()
        del session

    thread = threading.Thread(target=work)
    thread.start()
    with leakwatch.scope("beside", **options) as scope:
        asked.set()
        made.wait()
    end.set()
    thread.join()
    assert scope.report.ok
    assert "test_scopes.Session" in str([leak.type_name for leak in scope.report.in_use])


def test_what_only_the_event_loop_of_another_thread_holds_is_in_use():
    asked, made, end = threading.Event(), threading.Event(), threading.Event()

    async def keep(session):
        made.set()
        while not end.is_set():  # noqa: ASYNC110 - another thread sets it
            await asyncio.sleep(0.001)

    async def serve():
        while not asked.is_set():  # noqa: ASYNC110 - as above
            await asyncio.sleep(0.001)
        await asyncio.create_task(keep(Session()))

    thread = threading.Thread(target=asyncio.run, args=[serve()])
    thread.start()
    with leakwatch.scope("beside", types=[Session]) as scope:
        asked.set()
        made.wait()
    end.set()
    thread.join()
    assert scope.report.ok
    assert [leak.count for leak in scope.report.in_use] == [1]


@needs_global_lock
def test_what_a_thread_of_the_scope_holds_is_its_leak():
    end, made = threading.Event(), threading.Event()

    def work():
        session = Session()
        made.set()
        end.wait()
        del session

    with leakwatch.scope("own", types=[Session]) as scope:
        thread = threading.Thread(target=work)
        thread.start()
        made.wait()
    end.set()
    thread.join()
    (leak,) = scope.report.leaks
    assert leak.path.root.kind == "running frame"


@needs_global_lock
@pytest.mark.parametrize(
    "loop", ["while True: item = jobs.get()", "for item in iter(jobs.get, 0): pass"]
)
def test_what_an_idle_thread_is_about_to_replace_is_no_more_in_use(loop):
    run_python(
        "-c",
        f"""
import leakwatch, queue, threading, time
class Session: pass
jobs = queue.SimpleQueue()
def serve():
    {loop}
threading.Thread(target=serve, daemon=True).start()
with leakwatch.scope("job", types=[Session]) as scope:
    jobs.put(Session())
    while not jobs.empty(): time.sleep(0.001)
(leak,) = scope.report.leaks
assert leak.pattern.code == "LW115", leak
""",
    )


@needs_global_lock
def test_what_an_idle_thread_of_a_library_is_about_to_replace_is_in_use(tmp_path):
    library = tmp_path / "site-packages"
    library.mkdir()
    (library / "observers.py").write_text("def serve(jobs):\n    while True: batch = jobs.get()\n")
    run_python(
        "-c",
        f"""
import sys; sys.path.append({str(library)!r})
import leakwatch, observers, queue, threading, time
class Event: pass
jobs = queue.SimpleQueue()
threading.Thread(target=observers.serve, args=[jobs], daemon=True).start()
with leakwatch.scope("job", types=[Event]) as scope:
    jobs.put([Event()])
    while not jobs.empty(): time.sleep(0.001)
assert not scope.report.leaks, scope.report
""",
    )


@needs_global_lock
def test_a_thread_that_the_work_has_started_has_no_last_item():
    run_python(
        "-c",
        """
import leakwatch, os, queue, threading
class Channel: pass
def serve(jobs, made):
    channel = Channel()
    made.set()
    jobs.get()
def work():
    made = threading.Event()
    threading.Thread(target=serve, args=[queue.SimpleQueue(), made], daemon=True).start()
    made.wait()
with leakwatch.scope("job", discover=True) as scope: work()
codes = {it.pattern.code for it in scope.report.leaks}
assert codes == {"LW109"}, scope.report
os._exit(0)
""",
    )


def test_a_plain_block_in_a_coroutine_leaves_its_survivors_to_a_look_in_quiet():
    async def ticks():
        while True:  # noqa: ASYNC110 - work that goes on
            await asyncio.sleep(0)

    async def main():
        other = asyncio.create_task(ticks())
        await asyncio.sleep(0)
        with leakwatch.scope("plain", types=[Session]) as scope:
            KEPT.append(Session())
        other.cancel()
        return scope

    scope = asyncio.run(main())
    assert scope.report.not_judged == "other work of this process overlapped"
    (leak,) = leakwatch.check().leaks
    assert (leak.type_name, leak.count) == (f"{__name__}.Session", 1)


def test_a_plain_block_in_a_coroutine_judges_while_the_other_tasks_only_wait():
    async def main():
        other = asyncio.create_task(asyncio.Event().wait())
        await asyncio.sleep(0)
        with leakwatch.scope("plain", types=[Session]) as scope:
            KEPT.append(Session())
        other.cancel()
        return scope

    (leak,) = asyncio.run(main()).report.leaks
    assert (leak.type_name, leak.count) == (f"{__name__}.Session", 1)
