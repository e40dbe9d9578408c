"""What grows each time some work is done: survivors by generation window, run by run.

After BLeak and fuite: repeat the work, and accuse only what keeps growing. Caches fill and
then stop, so where something grows the work is repeated more often, until the growth stops
or the time is spent.
"""

import asyncio
import inspect
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

from leakwatch.errors import ConfigurationError, quoted
from leakwatch.growth.allocation_sites import births_at
from leakwatch.growth.memory_samples import MemorySamples
from leakwatch.growth.survivors_per_run import Tally
from leakwatch.guest.collector import gc_is_enabled
from leakwatch.heap.provenance import asking_frame
from leakwatch.interpreter import monotonic
from leakwatch.model import MemoryGrowth, Settling
from leakwatch.report import Report
from leakwatch.tracking.case import Case, Host

Work = Callable[[], Any]

FEWEST = 4
"""Runs that can show growth: the survivors of each quarter of them are compared."""
ESCALATION = 3
"""Each further round triples the number of runs."""
CLOSE_LOOK = 9
"""Up to this many times the runs asked for, every run is looked at."""
LOOKS = 4
"""From there on, looks in a round: enough to tell early growth from late."""
SAMPLES = 8
"""Samples of the process's figures between two looks: they are cheap, and a slope wants many."""
MOST_RUNS = 50_000
HANDLES = {"fds": "open file descriptors, sockets among them", "threads": "threads"}
"""Figures that count what a program opens and ends, by name, with words for a note."""
SECONDS = 10.0
"""Time that the work may take, unless the runs asked for take longer."""
MOST_GROWTH = 64 << 20
"""Bytes by which the process may grow in the course of it: a leak is made only worse by it."""
MOST_SURVIVORS = 100_000
"""Objects to be judged in the end, which takes longer than to make them."""


def hunt(
    work: Work,
    runs: int,
    warmup: int,
    host: Host,
    *,
    inserted: bool = False,
    interrupted: Callable[[int], None] | None = None,
) -> Report:
    """Repeat the work and report what keeps growing.

    Args:
        work: a function or coroutine function without arguments.
        runs: how often to call it at least.
        warmup: how often to call it before anything is counted.
        host: the session.
        inserted: also find the lines that add to the containers that grow.
        interrupted: hears after how many runs Ctrl-C ended the work; those are judged then. Without
            it, or after too few of them, the `KeyboardInterrupt` is let through.

    Returns:
        the report, each leak with its growth per run.

    Raises:
        ConfigurationError: fewer than two runs, or a negative warm-up.
    """
    check_runs(runs, warmup)
    name = name_of(work)
    samples = MemorySamples(host, name)
    # Judged before an event loop is closed, for that cancels what is still pending.
    with caller(work) as call:
        tally = repeat_and_count(
            call, runs, warmup, samples, inserted=inserted, interrupted=interrupted
        )
        return host.conclude(case_of(name, tally, samples.growth()))


def check_runs(runs: int, warmup: int) -> None:
    """Refuse numbers of runs from which nothing can be told.

    Raises:
        ConfigurationError: fewer than two runs, or a negative warm-up.
    """
    if runs < 2 or warmup < 0:
        raise ConfigurationError(
            f"hunt needs runs >= 2 and warmup >= 0, "
            f"got runs={quoted(runs)} and warmup={quoted(warmup)}"
        )


def repeat_and_count(
    call: Work,
    runs: int,
    warmup: int,
    samples: MemorySamples,
    *,
    inserted: bool = False,
    interrupted: Callable[[int], None] | None = None,
) -> Tally:
    """Do the work and give the tally of what is alive after each run.

    Args:
        call: does the work once.
        runs: how often to call it at least.
        warmup: how often to call it before anything is counted.
        samples: notes the figures of the process between the runs.
        inserted: also find the lines that add to the containers that grow.
        interrupted: see `hunt`.
    """
    tally = Tally(collecting=gc_is_enabled())
    for _ in range(warmup):
        call()
    with tally:
        samples.restart()
        try:
            repeat(call, runs, tally, samples)
            if tally.still_growing():
                tally.locate(call)
                if inserted:
                    tally.locate_insertions(call)
        except KeyboardInterrupt:
            if interrupted is None or tally.runs < FEWEST:
                raise
            interrupted(tally.runs)
    return tally


def case_of(name: str, tally: Tally, memory: MemoryGrowth | None) -> Case:
    """What was counted, as a question to the session."""
    return Case(
        name=name,
        kind="hunt",
        survivors=tally.alive,
        doom=f"left behind by a run of {name}",
        births=births_at(tally.places, name),
        ages=tally.ages,
        every_birth=True,
        grown=tally.grown,
        insertions=None if tally.insertions is None else births_at(tally.insertions, name),
        asking=asking_frame(),
        lasting=tally.lasting,
        exit_callbacks=tally.exit_callbacks,
        owners_only=True,
        settling=Settling(collections=tally.collections),
        memory=memory,
        notes=(*tally.notes(), *handles_grown(memory, tally.runs)),
        review=tally.review,
    )


def handles_grown(memory: MemoryGrowth | None, runs: int) -> Iterator[str]:
    """Notes on figures that grow by one or more a run, whether or not an object stands for them."""
    for figure, words in HANDLES.items():
        more = memory.change.get(figure, 0) if memory is not None else 0
        if more >= runs:
            yield f"{words}: {more:,} more than before, {more / runs:.2g} for each run"


def repeat(call: Work, runs: int, tally: Tally, samples: MemorySamples) -> None:
    """Do the asked number of runs, then more for as long as something grows."""
    close_look = CLOSE_LOOK * runs
    halves = (runs // 2, runs - runs // 2)
    spent = sum(round_of(half, half, call, tally, samples) for half in halves)
    while tally.still_growing():
        if limit_reached(tally, spent, samples.grown()):
            tally.unfinished = True
            return
        more = tally.runs * (ESCALATION - 1)
        looks = more if tally.runs + more <= close_look else LOOKS
        spent += round_of(more, looks, call, tally, samples)


def round_of(runs: int, looks: int, call: Work, tally: Tally, samples: MemorySamples) -> float:
    """Call the work so many times, with so many looks in between.

    Returns:
        the seconds that it took, without the look at the whole heap that ends the round.
    """
    samples.next_round(tally.runs + runs)
    started = monotonic()
    for stretch in stretches(runs, looks):
        done = tally.runs
        for part in stretches(stretch, SAMPLES):
            for _ in range(part):
                call()
            done += part
            samples.look(done, tally.own_bytes(), len(tally.ages))
        tally.count(stretch)
    spent = monotonic() - started
    samples.end_round(tally.own_bytes())
    tally.measure(runs)
    samples.note_own_look()
    return spent


def stretches(runs: int, looks: int) -> list[int]:
    """The runs in as many parts as there are looks, as even as can be."""
    looks = min(runs, looks)
    return [runs * (i + 1) // looks - runs * i // looks for i in range(looks)]


def limit_reached(tally: Tally, spent: float, grown: int) -> bool:
    """Whether another round would be too much: of runs, survivors, seconds or bytes."""
    return (
        tally.runs * ESCALATION > MOST_RUNS
        or len(tally.ages) * ESCALATION > MOST_SURVIVORS
        or spent * ESCALATION > SECONDS
        or grown * ESCALATION > MOST_GROWTH
    )


@contextmanager
def caller(work: Work) -> Iterator[Work]:
    """The work as a plain call; a coroutine function runs on one event loop throughout."""
    if not inspect.iscoroutinefunction(work):
        yield partial(done_once, work)
        return
    with asyncio.Runner() as runner:
        yield partial(done_once, lambda: runner.run(work()))


def done_once(work: Work) -> None:
    """Do the work; an exception that came through here is its own, and no fault of ours."""
    work()


CALLS_THE_WORK = (done_once.__code__,)


def name_of(work: Work) -> str:
    """`module.qualname` of a function, or the type of another callable."""
    named: Any = work if hasattr(work, "__qualname__") else type(work)
    return f"{named.__module__}.{named.__qualname__}"
