"""What grows each time some work is done: survivors by generation window, run by run.

After BLeak and fuite: repeat the work, and accuse only what keeps growing. Caches fill and
then stop, so where something grows the work is repeated more often, until the growth stops
or the time is spent.
"""

from collections.abc import Callable
from typing import Any

from leakwatch.errors import ConfigurationError, quoted
from leakwatch.growth.allocation_sites import births_at
from leakwatch.growth.calling import Calls, Output, Work
from leakwatch.growth.handles import NotesOn, handles_and_children, handles_grown, used_up
from leakwatch.growth.memory_samples import MemorySamples
from leakwatch.growth.survivors_per_run import Tally
from leakwatch.guest.collector import gc_is_enabled
from leakwatch.heap.objects import class_name
from leakwatch.heap.provenance import asking_frame
from leakwatch.interpreter import monotonic
from leakwatch.model import MemoryGrowth, Settling
from leakwatch.report import Report
from leakwatch.tracking.case import Case, Host

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
    raised: Callable[[Exception], None] = lambda _: None,
    output: Output | None = None,
    children_too: bool = False,
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
        raised: hears of the exception that ended the work after enough runs, which are judged.
        output: hides what the work prints; None shows all.
        children_too: whether the caller judges the processes that the work forks.

    Returns:
        the report, each leak with its growth per run.

    Raises:
        ConfigurationError: fewer than two runs, or a negative warm-up.
    """
    check_runs(runs, warmup)
    name = name_of(work)
    samples = MemorySamples(host, name)
    with Calls(work, output) as call:
        tally = repeat_and_count(
            call,
            runs,
            warmup,
            samples,
            inserted=inserted,
            interrupted=interrupted,
            raised=raised,
        )
        notes = handles_grown if children_too else handles_and_children
        return call.judged(lambda: host.conclude(case_of(name, tally, samples.growth(), notes)))


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
    call: Calls,
    runs: int,
    warmup: int,
    samples: MemorySamples,
    *,
    inserted: bool = False,
    interrupted: Callable[[int], None] | None = None,
    raised: Callable[[Exception], None] = lambda _: None,
) -> Tally:
    """Do the work and give the tally of what is alive after each run.

    Args:
        call: does the work once.
        runs: how often to call it at least.
        warmup: how often to call it before anything is counted.
        samples: notes the figures of the process between the runs.
        inserted: also find the lines that add to the containers that grow.
        interrupted: see `hunt`.
        raised: see `hunt`.
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
        except Exception as error:
            if not call.failed or tally.runs < FEWEST:
                raise
            call.show()
            tally.failure = f"the work raised {class_name(type(error))} after {tally.runs:,} runs"
            raised(error)
    return tally


def case_of(name: str, tally: Tally, memory: MemoryGrowth | None, notes: NotesOn) -> Case:
    """What was counted, as a question to the session.

    Args:
        name: of the work.
        tally: what was counted.
        memory: figures of the process at both ends.
        notes: gives what is to be said of them.
    """
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
        partial=tally.failure,
        owners_only=True,
        settling=Settling(collections=tally.collections),
        memory=memory,
        notes=(*tally.notes(), *notes(memory, tally.runs)),
        late_notes=tally.late_notes,
        review=tally.review,
    )


def repeat(call: Calls, runs: int, tally: Tally, samples: MemorySamples) -> None:
    """Do the asked number of runs, then more for as long as something grows."""
    close_look = CLOSE_LOOK * runs
    halves = (runs // 2, runs - runs // 2)
    spent = sum(round_of(half, half, call, tally, samples) for half in halves)
    while tally.still_growing() or samples.rising():
        if limit_reached(tally, spent, samples):
            tally.unfinished = tally.still_growing()
            return
        more = tally.runs * (ESCALATION - 1)
        looks = more if tally.runs + more <= close_look else LOOKS
        spent += round_of(more, looks, call, tally, samples)


def round_of(runs: int, looks: int, call: Calls, tally: Tally, samples: MemorySamples) -> float:
    """Call the work so many times, with so many looks in between, or until too much is used up.

    Returns:
        the seconds that it took, without the look at the whole heap that ends the round.
    """
    if tally.used_up:
        return 0.0
    samples.next_round(tally.runs + runs, MOST_RUNS)
    started, before = monotonic(), tally.runs
    for stretch in stretches(runs, looks):
        tally.count(stretch_of(stretch, call, tally, samples))
        if tally.used_up:
            break
    spent = monotonic() - started
    samples.end_round(tally.own_bytes())
    tally.measure(tally.runs - before)
    samples.note_own_look()
    return spent


def stretch_of(runs: int, call: Calls, tally: Tally, samples: MemorySamples) -> int:
    """Call the work so many times without a look at what stays; gives how often it was called."""
    made = 0
    for part in stretches(runs, SAMPLES):
        for _ in range(part):
            call()
        made += part
        samples.look(tally.runs + made, tally.own_bytes(), len(tally.ages))
        if tally.runs + made >= FEWEST:
            tally.used_up = used_up(samples)
            if tally.used_up:
                break
    return made


def stretches(runs: int, looks: int) -> list[int]:
    """The runs in as many parts as there are looks, as even as can be."""
    looks = min(runs, looks)
    return [runs * (i + 1) // looks - runs * i // looks for i in range(looks)]


def limit_reached(tally: Tally, spent: float, samples: MemorySamples) -> bool:
    """Whether another round would be too much: of runs, survivors, seconds, bytes or handles."""
    tally.used_up = tally.used_up or used_up(samples, ESCALATION)
    return (
        bool(tally.used_up)
        or tally.runs * ESCALATION > MOST_RUNS
        or len(tally.ages) * ESCALATION > MOST_SURVIVORS
        or spent * ESCALATION > SECONDS
        or samples.grown() * ESCALATION > MOST_GROWTH
    )


def name_of(work: Work) -> str:
    """`module.qualname` of a function, or the type of another callable."""
    named: Any = work if hasattr(work, "__qualname__") else type(work)
    return f"{named.__module__}.{named.__qualname__}"
