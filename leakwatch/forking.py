"""Judging in a forked child, so that the program pauses for the fork only.

The child has a copy of the whole heap as it was, at the cost of copying page tables. It
judges that copy, sends the report back as plain data and ends at once: no finalizer, no
callback of `atexit` and no plugin's sink runs in it. Other threads of the program go on
meanwhile; only the one that asks waits for the answer.
"""

import os
import pickle
import select
import signal
import struct
import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import replace
from typing import NoReturn

from leakwatch.case import Case
from leakwatch.errors import ConfigurationError
from leakwatch.heap.roots import RootQuery
from leakwatch.heap.thread_snapshot import kept_across_fork
from leakwatch.interpreter import active_thread_count, monotonic, paused_collector
from leakwatch.isolation import described
from leakwatch.report import Report

HERE = "here"
FORK = "fork"

SPARE = 30.0
"""Seconds that a child has on top of the budget of its walk, before it is given up."""
LENGTH = struct.Struct("!Q")
LOOK = 50
"""Milliseconds between two looks at whether a silent child still lives."""
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
        raise ConfigurationError("analyse='fork' needs os.fork, which this system does not have")
    return analyse


def judge_in_fork(case: Case, judge: Judge) -> Report:
    """Have a forked child judge.

    Args:
        case: what is to be judged.
        judge: does it, in the child.

    Returns:
        the child's report. If the child was killed, hung or failed, a report without leaks
        whose `partial` says so.
    """
    others = active_thread_count() - 1
    reading, writing = os.pipe()
    with threads_kept(case, others) as prepare:
        child = Child(fork(others))
        if child.pid == 0:
            work_as_child(case, prepare, judge, writing)
    os.close(writing)
    try:
        answer = received(reading, child, monotonic() + case.limits.seconds + SPARE)
    finally:
        os.close(reading)
        child.end()
    if isinstance(answer, str):
        return unanswered(case, answer)
    return replace(answer, notes=(*answer.notes, *notes(others)))


@contextmanager
def threads_kept(case: Case, others: int) -> Iterator[Callable[[], None]]:
    """Keep what other threads hold across the fork, if there are any."""
    if not others:
        yield lambda: None
        return
    query = RootQuery(asking=case.asking, returned=case.returned)
    with kept_across_fork(query) as prepare:
        yield prepare


def fork(others: int) -> int:
    """Fork without the collector: neither side may run finalizers on the way.

    The warning of CPython 3.12+ about other threads is told in the report instead.
    """
    with warnings.catch_warnings() if others and WARNS else nullcontext():
        if others and WARNS:
            warnings.filterwarnings("ignore", "This process .* is multi-threaded")
        with paused_collector():
            return os.fork()


def work_as_child(case: Case, prepare: Callable[[], None], judge: Judge, writing: int) -> NoReturn:
    """Judge, send the report and leave without any of the program's endings."""
    try:
        prepare()
        send(writing, judge(case))
    except BaseException as fault:  # noqa: BLE001 - whatever it is, this process ends here
        with suppress(BaseException):
            send(writing, f"the forked analysis failed: {described(fault)}")
    finally:
        os._exit(0)


class Child:
    """A forked process that is waited for."""

    __slots__ = ("_status", "pid")

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self._status: int | None = None

    def has_ended(self) -> bool:
        """Whether the process is over; it is then gone from the system's table as well."""
        if self._status is None:
            self._wait(os.WNOHANG)
        return self._status is not None

    def end(self) -> None:
        """End the process if it still runs."""
        if not self.has_ended():
            with suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGKILL)
            self._wait(0)

    def _wait(self, options: int) -> None:
        try:
            pid, status = os.waitpid(self.pid, options)
        except ChildProcessError:  # the program waits for every child, or ignores SIGCHLD
            self._status = 0
        else:
            self._status = status if pid else None

    def ending(self) -> str:
        """How the process ended, for a report."""
        status = self._status or 0
        if os.WIFSIGNALED(status):
            return f"the forked analysis was killed by {signal.Signals(os.WTERMSIG(status)).name}"
        return "the forked analysis ended without an answer"


def send(writing: int, answer: Report | str) -> None:
    """Write an answer, its length first."""
    body = pickle.dumps(answer)
    rest = memoryview(LENGTH.pack(len(body)) + body)
    while rest:
        rest = rest[os.write(writing, rest) :]


def received(reading: int, child: Child, deadline: float) -> Report | str:
    """A child's report, or why there is none."""
    data = bytearray()
    while not is_complete(data):
        if is_readable(reading):
            part = os.read(reading, 1 << 16)
            data += part
            if part:
                continue
        # A child that the program forked meanwhile may have the pipe open as well.
        if child.has_ended():
            return child.ending()
        if monotonic() > deadline:
            return "the forked analysis did not answer in time and was ended"
    answer: Report | str = pickle.loads(data[LENGTH.size :])  # noqa: S301 - from our own child
    return answer


def is_complete(data: bytearray) -> bool:
    """Whether an answer has arrived to its end."""
    return len(data) >= LENGTH.size and len(data) == LENGTH.size + LENGTH.unpack_from(data)[0]


def is_readable(reading: int) -> bool:
    """Whether a pipe has something to read, or its other end is closed; waits for it a little."""
    poll = select.poll()
    poll.register(reading, select.POLLIN)
    return bool(poll.poll(LOOK))


def unanswered(case: Case, reason: str) -> Report:
    """The report where the child gave none."""
    return Report(
        scope=case.name,
        kind=case.kind,
        memory=case.memory,
        explained_share=0.0,
        partial=reason,
        not_judged=case.not_judged,
        settling=case.settling,
        notes=case.notes,
    )


def notes(others: int) -> tuple[str, ...]:
    """What the reader should know of a judgement in a fork."""
    if not others:
        return ()
    threads = "1 other thread" if others == 1 else f"{others} other threads"
    known = f"judged in a fork of a process with {threads}"
    if WARNS:
        known += "; CPython 3.12 and later warn of that: a lock held meanwhile may stop the child"
    return (f"{known}; what only a half-evaluated expression holds there is told as native code",)
