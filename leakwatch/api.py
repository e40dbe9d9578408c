"""The public functions: each a sentence that a programmer would say."""

from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import asdict
from functools import cache
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from leakwatch.errors import ConfigurationError, DoorError, ScopeError, quoted
from leakwatch.guest.importing import held_signals
from leakwatch.interpreter import get_frame, monotonic
from leakwatch.report import Report
from leakwatch.tracking.case import Host, answered
from leakwatch.tracking.handles import site_of
from leakwatch.tracking.on_leak import OnLeak
from leakwatch.tracking.open_scopes import current_scope
from leakwatch.tracking.scopes import Scope

if TYPE_CHECKING:
    from os import PathLike
    from socket import socket

    from leakwatch.monitoring.monitor import Monitor
    from leakwatch.monitoring.places import Writing
    from leakwatch.snapshots.writing import SnapshotInfo

T = TypeVar("T")
Analyse = Literal["here", "fork"]
Keys = Literal["masked", "none"]


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
        from leakwatch.tracking.why_alive import Target, explain

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
        and could be told. Work that raises after at least four runs is judged by those, and
        `partial` names the type of the exception; where no leak is found by then, so does
        `not_judged`. A fault of leakwatch itself is told in `not_judged`.

    Raises:
        ConfigurationError: fewer than two runs, or a negative warm-up.
        Exception: what the work raises in the warm-up, or before four runs were counted.
    """
    with held_signals():
        from leakwatch.growth.calling import CALLS_THE_WORK
        from leakwatch.growth.rounds import check_runs, name_of
        from leakwatch.growth.rounds import hunt as hunt_growth

    check_runs(runs, warmup)
    return answered(
        lambda: hunt_growth(work, runs, warmup, session(), inserted=inserted),
        name_of(work),
        "hunt",
        through=CALLS_THE_WORK,
    )


def growing(seconds: float = 5.0, *, types: Iterable[type | str] | None = None) -> Report:
    """Find what grows in this process while it goes on with its work, and what holds it.

    It looks several times in the time given, and asks about what rises at every look. The objects
    are explained in a forked child where the system can fork, so that the program stops for the
    fork only. It waits meanwhile: in a coroutine, `await asyncio.to_thread(leakwatch.growing)`.

    Args:
        seconds: how long to look; what grows slowly needs longer.
        types: ask about these types only: classes (subclasses included) and patterns such as
            `"shop.models:*"`.

    Returns:
        the report; each leak has its `growth` per second. What is in use by work in flight, or in a
        cache that is full, is none. `not_judged` tells what could not be told: no memory was left
        to fork, or leakwatch itself failed.

    Raises:
        ConfigurationError: the time is not above 0, or `types` is not understood.
    """
    if not 0 < seconds < float("inf"):
        raise ConfigurationError(f"growing needs seconds > 0, got {seconds!r}")
    with held_signals():
        from leakwatch.monitoring.looks import NAME
        from leakwatch.monitoring.looks import growing as look_and_explain
        from leakwatch.tracking.type_filter import as_given

    wanted = None if types is None else as_given(types)
    return answered(lambda: look_and_explain(seconds, wanted, session()), NAME, "growing")


def monitor(
    *,
    every: float = 60.0,
    types: Iterable[type | str] | None = None,
    on_report: Callable[[Report], object] | None = None,
    budget: float = 0.01,
) -> "Monitor":
    """Look at this process in the background, for as long as it lives.

    A daemon thread looks every so often, and has explained what rises as `growing` does. Each cause
    is told once, to the plugins as any report is, and then counted.

    Args:
        every: seconds between looks. Growth is told after six of them, or after ever more where
            it is slow.
        types: ask about these types only, as in `growing`.
        on_report: called on that thread with a report of new causes; by default they are logged.
        budget: the share of the time that looks may take; a look that takes long is followed by a
            longer pause.

    Returns:
        the monitor, which runs already: `count(n)` for units of work, `look()` for a report now,
        `reports`, and `stop()`, which the end of a `with` block calls. A forked child has none.

    Raises:
        ConfigurationError: `every` is not above 0, `budget` is not above 0 and at most 1, or
            `types` is not understood.
    """
    if not (0 < every < float("inf") and 0 < budget <= 1):
        got = f"every={every!r} and budget={budget!r}"
        raise ConfigurationError(f"monitor needs every > 0 and 0 < budget <= 1, got {got}")
    with held_signals():
        from leakwatch.monitoring.monitor import Monitor, Told
        from leakwatch.session import Session, ready_to_judge
        from leakwatch.tracking.type_filter import as_given

    # A fork while the monitor's thread imports would leave the child a lock that nobody releases.
    ready_to_judge()
    told = Told()
    found = Monitor(
        every=every,
        types=None if types is None else as_given(types),
        on_report=on_report,
        budget=budget,
        host=Session(revised=told.revised),
        told=told,
    )
    with suppress(DoorError):  # it does its work without one
        open_door()
    return found


def open_door(*, in_children: bool = False) -> None:
    """Let the user of this process ask it by `leakwatch attach`.

    Args:
        in_children: whether each forked child is to have a door of its own.

    Raises:
        DoorError: it cannot be opened; the message says why.
    """
    with held_signals():
        from leakwatch.monitoring.answers import answers_of
        from leakwatch.monitoring.door import open_door as open_socket

    open_socket(lambda: answers_of(session(), write_heap), in_children=in_children)


def answer_at(connection: "socket") -> None:
    """Answer one question of `leakwatch attach` that comes by a connection.

    Raises:
        OSError: nobody takes the answer.
    """
    with held_signals():
        from leakwatch.monitoring.answers import answers_of
        from leakwatch.monitoring.door import talk

    talk(connection, lambda: answers_of(session(), write_heap))


def write_heap(path: str, keys: Any, max_bytes: Any) -> dict[str, Any]:
    """Write the heap to a file; gives what was written as plain data."""
    return asdict(snapshot(path, keys=keys, max_bytes=max_bytes))


def snapshot(
    path: "str | PathLike[str]",
    *,
    analyse: Analyse = "fork",
    keys: Keys = "masked",
    max_bytes: int | None = None,
) -> "SnapshotInfo":
    """Write the heap of this moment to a file, to be asked later and elsewhere.

    The file has types, sizes, lengths, references with their names, and roots; no values. Keys
    stand in it as in reports: shortened, and masked where they look like a secret.

    Args:
        path: of the file; `.lwheap` is the usual suffix. What is there is replaced, in one step.
        analyse: `"fork"` writes in a forked child, so that the program stands still for the fork
            only; `"here"`, and any system without a fork, in this process.
        keys: `"none"` leaves out keys of dicts, so that each entry is `[*]`.
        max_bytes: nothing is written that would be larger.

    Returns:
        what was written, and how long it took.

    Raises:
        ConfigurationError: an argument is not understood.
        SnapshotError: the file would be too large or cannot be written; what was at its place is
            still there.
    """
    if analyse not in {"here", "fork"}:
        raise ConfigurationError(f"analyse={analyse!r}: expected 'here' or 'fork'")
    with held_signals():
        from leakwatch.snapshots.contents import Contents
        from leakwatch.snapshots.writing import write_snapshot

    return write_snapshot(path, analyse, Contents(keys, max_bytes))


def write_on_signal(asked: str) -> None:
    """Write what grows, or the heap, into a file whenever a signal comes.

    Args:
        asked: the signal, such as `USR2`, or with what is written `USR2:snapshot`; several with
            commas between them.

    Raises:
        DoorError: there is no such signal, the program handles it, this is not the main thread, or
            nothing of that name can be written.
    """
    with held_signals():
        from leakwatch.monitoring.signals import write_on

    for part in asked.split(","):
        name, _, what = part.strip().partition(":")
        write_on(name, writing_of(what or "report"))


def write_near_limit(asked: str) -> None:
    """Write the heap into a file, once, when so much of the container's memory limit is in use.

    Args:
        asked: the share, such as `75%`.

    Raises:
        DoorError: that is no share, or there is no limit.
    """
    with held_signals():
        from leakwatch.monitoring.near_limit import write_near

    write_near(asked, writing_of("snapshot"))


def writing_of(what: str) -> "Writing":
    """What a process writes of itself, by its name.

    Raises:
        DoorError: there is nothing of that name.
    """
    from leakwatch.monitoring.places import Writing

    known = {
        "report": Writing(".json", lambda path: growing().save(path)),
        "snapshot": Writing(".lwheap", snapshot),
    }
    if what not in known:
        raise DoorError(f"{quoted(what)} cannot be written; expected one of {', '.join(known)}")
    return known[what]
