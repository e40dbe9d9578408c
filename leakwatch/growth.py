"""What grows each time some work is done: survivors by generation window, run by run.

After BLeak and fuite: repeat the work, and accuse only what keeps growing. Caches fill and
then stop, so where something grows the work is repeated more often, until the growth stops
or the time is spent.
"""

import asyncio
import inspect
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from leakwatch.case import Case, Host
from leakwatch.errors import ConfigurationError
from leakwatch.heap.frame_roots import asking_frame, asking_globals
from leakwatch.interpreter import gc_is_enabled, monotonic
from leakwatch.model import MemoryGrowth, Settling
from leakwatch.report import Report
from leakwatch.tally import Tally

Work = Callable[[], Any]

ESCALATION = 3
"""Each further round repeats the work this many times as often as all before."""
ROUNDS = 3
SECONDS = 4.0
"""Time after which no further round is begun."""


def hunt(work: Work, runs: int, warmup: int, host: Host) -> Report:
    """Repeat the work and report what keeps growing.

    Args:
        work: a function or coroutine function without arguments.
        runs: how often to call it at least.
        warmup: how often to call it before anything is counted.
        host: the session.

    Returns:
        the report, each leak with its growth per run.
    """
    name = name_of(work)
    figures, lasting = host.open(name), asking_globals()
    tally = tallied(work, runs, warmup)
    return host.conclude(case_of(name, tally, lasting, host.figures(figures)))


def tallied(work: Work, runs: int, warmup: int) -> Tally:
    """Do the work, and count after each run who is there.

    Raises:
        ConfigurationError: fewer than two runs, or a negative warm-up.
    """
    if runs < 2 or warmup < 0:
        raise ConfigurationError(
            f"hunt needs runs >= 2 and warmup >= 0, got runs={runs} and warmup={warmup}"
        )
    tally = Tally(collecting=gc_is_enabled())
    with caller(work) as call:
        for _ in range(warmup):
            call()
        tally.open()
        try:
            repeat(call, runs, tally)
        finally:
            tally.close()
    return tally


def case_of(name: str, tally: Tally, lasting: frozenset[int], memory: MemoryGrowth | None) -> Case:
    """What was counted, as a question to the session."""
    return Case(
        name=name,
        kind="hunt",
        survivors=tally.alive,
        doom=f"left behind by a run of {name}",
        ages=tally.ages,
        grown=tally.grown,
        asking=asking_frame(),
        lasting=lasting,
        owners_only=True,
        settling=Settling(collections=tally.collections),
        memory=memory,
        notes=tally.notes(),
        review=tally.review,
    )


def repeat(call: Work, runs: int, tally: Tally) -> None:
    """The asked number of runs, then more for as long as something grows."""
    started = monotonic()
    for _ in range(ROUNDS):
        for half in (runs // 2, runs - runs // 2):
            for _ in range(half):
                call()
                tally.count()
            tally.measure(half)
        spent = monotonic() - started
        if not tally.still_growing(runs) or spent * (1 + ESCALATION) > SECONDS:
            return
        runs = tally.runs * (ESCALATION - 1)


@contextmanager
def caller(work: Work) -> Iterator[Work]:
    """The work as a plain call; a coroutine function runs on one event loop throughout."""
    if not inspect.iscoroutinefunction(work):
        yield work
        return
    with asyncio.Runner() as runner:
        yield lambda: runner.run(work())


def name_of(work: Work) -> str:
    """`module.qualname` of a function, or the type of another callable."""
    named: Any = work if hasattr(work, "__qualname__") else type(work)
    return f"{named.__module__}.{named.__qualname__}"
