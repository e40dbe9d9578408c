"""Judging in a forked child, so that the program pauses for the fork only.

The child has the whole heap as it was. It shares the memory until one of the two writes to it,
so it touches no object that it need not: what it makes its own is mostly what its walk notes.
It judges, sends the report back as plain data and ends at once: no signal handler, no finalizer,
no callback of `atexit` and no plugin's sink runs in it. Other threads of the program go on
meanwhile; only the one that asks waits for the answer. What the program registered with
`os.register_at_fork` does run: without it the child could not trust a lock of the library.
"""

import os
import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import replace
from typing import Any, NoReturn

from leakwatch.errors import ConfigurationError
from leakwatch.forking.child import ForkedChild
from leakwatch.forking.headroom import MIB, offer_to_the_kernel, resident, smallest_room
from leakwatch.guest.collector import current_frames, disable_collector, paused_collector
from leakwatch.heap.listing import borrow, why_not_seen
from leakwatch.heap.roots.frames import kept_across_fork
from leakwatch.heap.roots.root import RootQuery
from leakwatch.interpreter import IN_MAIN, active_thread_count, monotonic
from leakwatch.isolation.calls import described
from leakwatch.report import Report
from leakwatch.tracking.case import Case, unanswered

HERE = "here"
FORK = "fork"

SPARE = 30.0
"""Seconds that a child has on top of the budget of its walk, before it is given up."""
OWN = 16 * MIB
"""What a child takes on any heap: classes, modules and frames are looked at one by one."""
SHARE = 0.3
COPY = 1.8
"""Most that it takes of the process's memory besides, where it can borrow, and where it cannot.
`python -m benchmarks fork` measures both."""
WARNS = sys.version_info >= (3, 12)
"""Whether this Python warns of a fork beside other threads."""

Judge = Callable[[Case], Report]


def checked(analyse: str) -> str:
    """The choice, if it is one and this system can do it.

    Raises:
        ConfigurationError: it is not understood, or the system cannot fork.
    """
    if analyse not in {HERE, FORK}:
        raise ConfigurationError(f"analyse={analyse!r}: expected 'here' or 'fork'")
    if analyse == FORK and not hasattr(os, "fork"):
        raise ConfigurationError(
            "analyse='fork' needs os.fork, which this system does not have; analyse='here' judges "
            "in the process itself, which stands still meanwhile"
        )
    if analyse == FORK and not IN_MAIN:
        raise ConfigurationError(
            "analyse='fork' is for the main interpreter only, since no other one can fork; "
            "analyse='here' judges in this one"
        )
    return analyse


def judge_in_fork(case: Case, judge: Judge) -> Report:
    """Have a forked child judge.

    Args:
        case: what is to be judged.
        judge: does it, in the child.

    Returns:
        the child's report. If there was no memory to fork, or the child was killed, hung or
        failed, a report without leaks whose `partial` and `not_judged` say so.
    """
    others = active_thread_count() - 1
    answer, reason = forked(
        RootQuery(asking=case.asking, returned=case.returned),
        lambda: judge(case),
        lambda failed: unanswered(case, failed),
        case.limits.seconds,
    )
    if reason:
        return unanswered(case, reason)
    report: Report = answer
    return replace(report, notes=(*report.notes, *notes(others)))


def forked(
    query: RootQuery,
    work: Callable[[], object],
    failed: Callable[[str], object],
    seconds: float,
    forked_in: Callable[[float], None] = lambda _: None,
) -> tuple[Any, str]:
    """What some work gives in a forked child, and no reason; or nothing, and the reason.

    Args:
        query: what is asked of the threads before the fork.
        work: is done in the child; its answer must be plain data.
        failed: the answer where the work raises, from what is said of that.
        seconds: budget of the work.
        forked_in: hears how many seconds the process stood still for the fork.
    """
    if refused := lack_of_memory():
        return None, refused
    others, began = active_thread_count() - 1, monotonic()
    with ForkedChild() as child:
        try:
            with threads_kept(query, others) as prepare, quiet_fork(others):
                if child.fork():
                    work_as_child(prepare, work, failed, child)
            forked_in(monotonic() - began)
            return child.answer_by(monotonic() + seconds + SPARE)
        except OSError as error:
            # No process, memory or descriptor was left; or the answer could not be read.
            where = "the forked analysis failed" if child.is_there() else "not forked"
            return None, f"{where}: {error.strerror}"


def lack_of_memory() -> str | None:
    """Why the process must not be forked now, with figures; None if it may be."""
    room, used = smallest_room(), resident()
    if room is None or used is None:
        return None
    share = COPY if why_not_seen() else SHARE
    needed = OWN + int(share * used)
    if needed <= room.left:
        return None
    return (
        f"not forked: the copy may take up to {needed // MIB:,} MiB, and {room}; "
        f"analyse='here' makes no copy, needs up to {int(SHARE * used) // MIB:,} MiB for its "
        "notes, and stops the program meanwhile"
    )


@contextmanager
def threads_kept(query: RootQuery, others: int) -> Iterator[Callable[[], None]]:
    """Keep what other threads hold across the fork; gives a function to call in the child."""
    if not others:
        yield lambda: None
        return
    with kept_across_fork(query) as prepare:
        yield prepare


@contextmanager
def quiet_fork(others: int) -> Iterator[None]:
    """Fork without the collector: neither side may run finalizers on the way.

    The warning of CPython 3.12+ about other threads is told in the report instead.
    """
    with warnings.catch_warnings() if others and WARNS else nullcontext():
        if others and WARNS:
            warnings.filterwarnings("ignore", "This process .* is multi-threaded")
        with paused_collector():
            yield


def work_as_child(
    prepare: Callable[[], None],
    work: Callable[[], object],
    failed: Callable[[str], object],
    child: ForkedChild,
) -> NoReturn:
    """Do the work, give its answer and leave without any of the program's endings."""
    try:
        child.end_with_parent()
        become_a_copy()
        prepare()
        child.answer(work())
    except BaseException as fault:  # noqa: BLE001 - whatever it is, this process ends here
        with suppress(BaseException):
            child.answer(failed(f"the forked analysis failed: {described(fault)}"))
    finally:
        os._exit(0)


def become_a_copy() -> None:
    """Switch off what would run code of the program in this process."""
    disable_collector()
    offer_to_the_kernel()
    faulthandler = sys.modules.get("faulthandler")
    if faulthandler is not None:
        faulthandler.disable()
    # What the program registered may have started threads anew, which change the heap.
    if len(current_frames()) == 1:
        borrow()


def notes(others: int) -> Iterator[str]:
    """What the reader should know of a judgement in a fork, beside so many other threads."""
    if why := why_not_seen():
        yield f"judged in a fork that copied the heap while it lasted: {why}"
    if not others:
        return
    threads = "1 other thread" if others == 1 else f"{others} other threads"
    known = f"judged in a fork of a process with {threads}"
    if WARNS:
        known += "; CPython 3.12 and later warn of that: a lock held meanwhile may stop the child"
    yield f"{known}; what only a half-evaluated expression holds there is told as native code"
