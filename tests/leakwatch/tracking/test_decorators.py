"""A scope as a decorator: of functions, coroutine functions and generators."""

import asyncio

import pytest

import leakwatch

KEPT: list[object] = []
REPORTS: list[leakwatch.Report] = []


class Session:
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
