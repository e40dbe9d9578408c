"""The public functions: each a sentence that a programmer would say."""

from collections.abc import Callable, Iterable
from functools import cache
from typing import Any, Literal, TypeVar

from leakwatch.errors import ScopeError
from leakwatch.guest.importing import held_signals
from leakwatch.interpreter import get_frame, monotonic
from leakwatch.report import Report
from leakwatch.tracking.case import Host, answered
from leakwatch.tracking.handles import site_of
from leakwatch.tracking.on_leak import OnLeak
from leakwatch.tracking.open_scopes import current_scope
from leakwatch.tracking.scopes import Scope

T = TypeVar("T")
Analyse = Literal["here", "fork"]


@cache
def session() -> Host:
    """The session of this process, imported when it is first needed: pluggy costs 18 ms."""
    with held_signals():
        from leakwatch.session import Session

    return Session()


def scope(
    name: str,
    *,
    discover: bool = False,
    types: Iterable[type | str] | None = None,
    on_leak: OnLeak = None,
    grace: float = 0.0,
    cycles: bool = False,
) -> Scope:
    """A stretch of work whose objects should be gone when it ends.

    Use the result with `with` or `async with`, or as a decorator of functions, coroutine
    functions, generators and asynchronous generators.

    Args:
        name: appears in the report.
        discover: judge everything born inside; nothing need be registered.
        types: judge what is born inside of these types: classes (subclasses included) and
            patterns such as `"shop.models:*"`; implies `discover`.
        on_leak: `"raise"` (`LeakError`), `"warn"` (`LeakWarning`), `"log"`, or a callable
            that takes the report; None leaves it to the plugins. An exception of the body
            is never masked: it gets the findings as a note, or the logger `leakwatch` gets
            them where it takes none.
        grace: seconds to wait at most for what is still alive.
        cycles: report what only the cycle collector frees as well, with the references of
            the cycle. What an automatic collection freed before the end is not seen.

    Returns:
        the scope; its `report` is set once it has closed.

    Raises:
        ConfigurationError: `on_leak` or `types` is not understood.
    """
    return Scope(
        name,
        discover=discover,
        types=types,
        on_leak=on_leak,
        grace=grace,
        cycles=cycles,
        host=session(),
    )


def track(obj: T, reason: str = "") -> T:
    """Register an object with the innermost open scope of this context.

    Args:
        obj: any object that can be referenced weakly; it is not kept alive.
        reason: why it should be gone when the scope ends.

    Returns:
        the object itself.

    Raises:
        NotTrackable: the object cannot be referenced weakly; the message says what to do.
        ScopeError: no scope is open in this thread or task.
    """
    open_scope = current_scope()
    if open_scope is None:
        raise ScopeError(
            "no scope is open in this thread or task: use `with leakwatch.scope(...)`, "
            "or `leakwatch.watch` for an object that should be gone soon"
        )
    open_scope.register(obj, reason, 2)
    return obj


def watch(obj: T, reason: str = "", within: float = 5.0) -> T:
    """Register an object that should be gone soon, outside of any scope.

    Args:
        obj: any object that can be referenced weakly; it is not kept alive.
        reason: why it should be gone.
        within: seconds from now; before that `check` does not judge it.

    Returns:
        the object itself.

    Raises:
        NotTrackable: the object cannot be referenced weakly; the message says what to do.
    """
    with held_signals():
        from leakwatch.tracking.watching import watched

    watched.track(obj, site_of(get_frame(1), reason), monotonic() + within)
    return obj


def check(*, analyse: Analyse = "here") -> Report:
    """Judge the watched objects that should be gone by now.

    Args:
        analyse: `"fork"` judges in a forked child, so that other threads wait for the fork
            only. Nothing is collected before, so cyclic garbage is counted and not accused.

    Returns:
        the report; an object stays watched until it is gone. `not_judged` tells what is
        not due yet, or which fault of leakwatch itself was in the way. If a forked child was
        killed or did not answer in time, `partial` says so.

    Raises:
        ConfigurationError: `analyse` is not understood, or the system cannot fork.
    """
    with held_signals():
        from leakwatch.tracking.watching import NAME
        from leakwatch.tracking.watching import check as check_watched

    where = possible(analyse)
    return answered(lambda: check_watched(session(), where), NAME, "check")


def possible(analyse: str) -> str:
    """The choice of where to judge, if it is one; what forks is imported when it is needed."""
    if analyse == "here":
        return analyse
    with held_signals():
        from leakwatch.forking.analysis import checked

    return checked(analyse)


def why(
    target: object,
    *,
    all: bool = False,  # noqa: A002 - reads as a sentence
    analyse: Analyse = "here",
) -> Report:
    """Why is it alive: what holds an object, or the instances of a class.

    Args:
        target: an object, a class, or the name of a class such as `"shop.models.Cart"`.
        all: report every root that holds it, each with its shortest path, up to 20; by default
            only the first, which need not be the only one to be cut.
        analyse: `"fork"` judges in a forked child, so that other threads wait for the fork
            only; `"here"` in this process.

    Returns:
        a report whose leaks are the ways in which the target is held; print it for the
        answer. What only the caller's own variables hold is `in_use`. If a forked child was
        killed or did not answer in time, `partial` says so; a fault of leakwatch itself, want
        of memory included, is told in `not_judged`.

    Raises:
        ConfigurationError: `analyse` is not understood, or the system cannot fork.
    """
    with held_signals():
        from leakwatch.why_alive import Target, explain

    asked = Target(target)
    # Our own variable would be one more reference that nobody can see.
    del target
    where = possible(analyse)
    return answered(
        lambda: explain(asked, session(), every_root=all, analyse=where), asked.name(), "why"
    )


def hunt(
    work: Callable[[], Any], *, runs: int = 7, warmup: int = 3, inserted: bool = False
) -> Report:
    """Find what grows each time some work is done.

    Args:
        work: a function or coroutine function that takes no arguments.
        runs: how often to call it at least; where something grows it is called more often,
            to tell a leak from a cache that fills.
        warmup: calls before anything is counted.
        inserted: call it up to five times more, traced line by line, to find the lines that
            put the leaked objects into containers. That run is tens of times as slow, and a
            debugger's or coverage's tracing rests meanwhile.

    Returns:
        the report; each leak has its `growth` per run, and `inserted` if that was asked for
        and could be told. A fault of leakwatch itself is told in `not_judged`; what the work
        raises is raised.

    Raises:
        ConfigurationError: fewer than two runs, or a negative warm-up.
    """
    with held_signals():
        from leakwatch.growth.rounds import CALLS_THE_WORK, check_runs, name_of
        from leakwatch.growth.rounds import hunt as hunt_growth

    check_runs(runs, warmup)
    return answered(
        lambda: hunt_growth(work, runs, warmup, session(), inserted=inserted),
        name_of(work),
        "hunt",
        through=CALLS_THE_WORK,
    )
