"""The public API as a type checker sees it: read by `mypy --strict`, never run."""

from collections.abc import AsyncIterator, Iterator
from typing import assert_type

import leakwatch
from leakwatch.model import Leak, Pattern, Reference, Verdict


class Session:
    pass


def tracking(session: Session) -> None:
    assert_type(leakwatch.watch(session, "closed", within=1.0), Session)
    assert_type(leakwatch.track(session), Session)
    with leakwatch.scope("work", types=[Session, "shop.models:*"], on_leak="raise") as scope:
        assert_type(scope.track(session, reason="closed"), Session)
    assert_type(scope.report, leakwatch.Report)


async def tracking_in_a_coroutine(session: Session) -> None:
    async with leakwatch.scope("work", discover=True, grace=0.5) as scope:
        assert_type(scope.track(session), Session)


@leakwatch.scope("function")
def function(number: int, *, text: str = "") -> str:
    return text * number


@leakwatch.scope("coroutine", on_leak=print)
async def coroutine(number: int) -> str:
    return str(number)


@leakwatch.scope("generator", on_leak=None)
def generator() -> Iterator[int]:
    yield 1


@leakwatch.scope("asynchronous generator", on_leak="log")
async def asynchronous_generator() -> AsyncIterator[int]:
    yield 1


@leakwatch.tracked
class Tracked:
    def __init__(self, number: int) -> None:
        self.number = number


async def decorated() -> None:
    assert_type(function(2, text="a"), str)
    assert_type(await coroutine(1), str)
    assert_type(next(generator()), int)
    assert_type(await anext(asynchronous_generator()), int)
    assert_type(Tracked(1), Tracked)
    function("2")  # type: ignore[arg-type]
    leakwatch.scope("work", on_leak="shout")  # type: ignore[arg-type]
    leakwatch.hnt(print)  # type: ignore[attr-defined]


def asking(session: Session) -> None:
    assert_type(leakwatch.check(), leakwatch.Report)
    assert_type(leakwatch.why(session), leakwatch.Report)
    assert_type(leakwatch.why("shop.models.Cart"), leakwatch.Report)
    assert_type(leakwatch.why(session, all=True, analyse="fork"), leakwatch.Report)
    assert_type(leakwatch.hunt(lambda: None, runs=7, warmup=3), leakwatch.Report)
    assert_type(leakwatch.hunt(decorated), leakwatch.Report)


def reading(report: leakwatch.Report, leak: Leak) -> None:
    assert_type(report.leaks, tuple[Leak, ...])
    assert_type(report.ok, bool)
    assert_type(report.explained_share, float)
    assert_type(leakwatch.Report.load("report.json"), leakwatch.Report)
    assert_type(leak.suspects, tuple[Reference, ...])
    assert_type(leak.pattern, Pattern | None)
    assert_type(leak.growth, float | None)
    assert_type(leak.path.references[0].verdict, Verdict)


def plugin() -> object:
    @leakwatch.hookimpl
    def leakwatch_scope_closed(report: leakwatch.Report) -> None:
        print(report.scope)

    return leakwatch_scope_closed
