"""A scope in all its uses: what is judged, when, and what happens to the body."""

import asyncio
import contextvars
import logging
import threading
import warnings

import pytest

import leakwatch
from leakwatch.errors import ConfigurationError, ScopeError

KEPT: list[object] = []
REPORTS: list[leakwatch.Report] = []


class Session:
    pass


class Order(Session):
    pass


@pytest.fixture(autouse=True)
def _let_go():
    yield
    KEPT.clear()
    REPORTS.clear()


def counts(report) -> list[int]:
    return [leak.count for leak in report.leaks]


def keep() -> None:
    KEPT.append(leakwatch.track(Session()))


def keep_and_fail() -> None:
    keep()
    raise KeyError("body")


# -- with, async with ---------------------------------------------------------------------------


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


# -- decorators -----------------------------------------------------------------------------------


def test_a_decorated_function_has_a_scope_for_each_call():
    @leakwatch.scope("call", on_leak=REPORTS.append)
    def work(number, *, double):
        """Doubles."""
        keep()
        return number * double

    assert work(2, double=3) == 6
    assert work(1, double=1) == 1
    assert [counts(report) for report in REPORTS] == [[1], [1]]
    assert work.__name__ == "work"
    assert work.__doc__ == "Doubles."


def test_the_value_that_a_decorated_function_returns_is_in_use():
    @leakwatch.scope("call", on_leak="raise")
    def work():
        return {"session": [leakwatch.track(Session())]}

    assert type(work()["session"][0]) is Session


def test_a_decorated_coroutine_function():
    @leakwatch.scope("call", on_leak=REPORTS.append)
    async def work(number):
        await asyncio.sleep(0)
        keep()
        return number + 1

    assert asyncio.run(work(1)) == 2
    assert [counts(report) for report in REPORTS] == [[1]]


def test_the_value_that_a_decorated_coroutine_returns_is_in_use():
    @leakwatch.scope("call", on_leak="raise")
    async def work():
        return leakwatch.track(Session())

    assert type(asyncio.run(work())) is Session


def test_a_decorated_generator_is_judged_at_its_end():
    @leakwatch.scope("steps", on_leak=REPORTS.append)
    def steps():
        received = yield 1
        keep()
        yield received
        return 3

    def driver():
        return (yield from steps())

    running = driver()
    assert next(running) == 1
    assert running.send(2) == 2
    assert REPORTS == []
    with pytest.raises(StopIteration) as stopped:
        next(running)
    assert stopped.value.value == 3
    assert [counts(report) for report in REPORTS] == [[1]]


def test_between_the_steps_of_a_generator_its_scope_is_not_current():
    @leakwatch.scope("steps", on_leak=REPORTS.append)
    def steps():
        yield
        yield

    with leakwatch.scope("outer") as outer:
        running = steps()
        next(running)
        keep()
        next(running, None)
        next(running, None)
    assert counts(outer.report) == [1]
    assert REPORTS == []


def test_a_generator_that_is_closed_or_thrown_into_is_judged():
    @leakwatch.scope("steps", on_leak=REPORTS.append)
    def steps():
        keep()
        try:
            yield 1
        except KeyError:
            yield 2

    closed = steps()
    next(closed)
    closed.close()
    thrown = steps()
    next(thrown)
    assert thrown.throw(KeyError()) == 2
    thrown.close()
    assert [counts(report) for report in REPORTS] == [[1], [1]]


def test_a_decorated_asynchronous_generator():
    @leakwatch.scope("steps", on_leak=REPORTS.append)
    async def steps():
        keep()
        yield 1
        await asyncio.sleep(0)
        yield 2

    async def main():
        return [step async for step in steps()]

    assert asyncio.run(main()) == [1, 2]
    assert [counts(report) for report in REPORTS] == [[1]]


def test_an_asynchronous_generator_that_is_closed_is_judged():
    @leakwatch.scope("steps", on_leak=REPORTS.append)
    async def steps():
        keep()
        yield 1

    async def main():
        running = steps()
        await anext(running)
        await running.aclose()

    asyncio.run(main())
    assert [counts(report) for report in REPORTS] == [[1]]


def test_a_decorated_method():
    class Shop:
        @leakwatch.scope("method", on_leak="raise")
        def work(self):
            return leakwatch.track(Session())

    assert type(Shop().work()) is Session


# -- nesting, threads, tasks -------------------------------------------------------------------


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


# -- what happens to leaks ----------------------------------------------------------------------


def test_on_leak_raise():
    with (
        pytest.raises(leakwatch.LeakError, match=r"test_scopes\.KEPT") as raised,
        leakwatch.scope("policy", on_leak="raise"),
    ):
        keep()
    assert isinstance(raised.value, AssertionError)
    assert counts(raised.value.report) == [1]


def test_on_leak_warn_names_the_line_of_the_program():
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        with leakwatch.scope("policy", on_leak="warn"):
            keep()
    (warning,) = caught
    assert warning.category is leakwatch.LeakWarning
    assert issubclass(warning.category, ResourceWarning)
    assert "test_scopes.KEPT" in str(warning.message)
    assert warning.filename == __file__


def test_on_leak_log(caplog):
    with caplog.at_level(logging.WARNING, "leakwatch"), leakwatch.scope("policy", on_leak="log"):
        keep()
    assert "test_scopes.KEPT" in caplog.text


def test_on_leak_calls_what_it_is_given():
    with leakwatch.scope("policy", on_leak=REPORTS.append):
        keep()
    with leakwatch.scope("clean", on_leak=REPORTS.append):
        pass
    assert [report.scope for report in REPORTS] == ["policy"]


def test_an_unknown_policy_is_refused_at_once():
    with pytest.raises(ConfigurationError, match="'raise', 'warn', 'log'"):
        leakwatch.scope("policy", on_leak="shout")


@pytest.mark.parametrize("policy", ["raise", "warn", "log"])
def test_an_exception_of_the_body_gets_the_findings_as_a_note(policy):
    with pytest.raises(KeyError) as raised, leakwatch.scope("failing", on_leak=policy):
        keep_and_fail()
    assert "test_scopes.KEPT" in "\n".join(raised.value.__notes__)


def test_a_policy_that_raises_does_not_mask_the_body():
    def shout(report):
        raise RuntimeError("policy")

    with pytest.raises(KeyError) as raised, leakwatch.scope("failing", on_leak=shout):
        keep_and_fail()
    assert "RuntimeError: policy" in "\n".join(raised.value.__notes__)
    with pytest.raises(RuntimeError, match="policy"), leakwatch.scope("failing", on_leak=shout):
        keep()


def test_what_only_the_exception_of_the_body_holds_is_in_use():
    def fail():
        session = leakwatch.track(Session())
        raise KeyError("body")

    scope = leakwatch.scope("failing", on_leak="raise")
    with pytest.raises(KeyError) as raised, scope:
        fail()
    assert not hasattr(raised.value, "__notes__")
    assert [leak.count for leak in scope.report.in_use] == [1]


def test_a_decorated_function_that_raises_gets_the_note_once():
    @leakwatch.scope("failing", on_leak="raise")
    def work():
        keep()
        raise KeyError("body")

    with pytest.raises(KeyError) as raised:
        work()
    assert len(raised.value.__notes__) == 1


# -- discovery ------------------------------------------------------------------------------------


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
    assert sorted(leak.type_name for leak in scope.report.leaks) == [
        f"{__name__}.Order",
        f"{__name__}.Session",
    ]


def test_discovery_by_pattern():
    with leakwatch.scope("types", types=["*test_scopes:Ord*"]) as scope:
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
    assert {leak.type_name: leak.count for leak in outer.report.leaks} == {
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
    assert sorted(counts(scope.report)) == [1, 1]


def test_an_import_in_a_discovering_scope_is_no_leak(tmp_path, monkeypatch):
    lines = "import collections\nTABLE = {i: [i] for i in range(100)}\nclass Model: rows = [{}]\n"
    (tmp_path / "freshly_imported.py").write_text(lines)
    monkeypatch.syspath_prepend(tmp_path)
    with leakwatch.scope("importing", discover=True) as scope:
        __import__("freshly_imported")
    assert scope.report.ok, str(scope.report)
