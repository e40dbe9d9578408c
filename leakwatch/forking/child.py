"""A forked process that gives one answer through a pipe.

An interrupt may come between any two lines, so what is open is never known by a variable of the
one who opened it alone. Each call whose result must not be lost is made by an iterator that a
list takes its items from: the interpreter runs no signal handler in between. Whatever was begun,
`end` finishes it, from wherever it is called, and once.
"""

import os
import pickle
import select
import signal
import struct
from collections import deque
from contextlib import suppress
from importlib import import_module
from itertools import chain, repeat, starmap
from operator import itemgetter
from typing import Any

from leakwatch.guest.guarded import Guarded
from leakwatch.interpreter import current_thread_id, getpid, monotonic

fcntl: Any = None
with suppress(ImportError):  # Windows has none
    fcntl = import_module("fcntl")
LENGTH = struct.Struct("!Q")
LOOK = 50
"""Milliseconds to wait for something in the pipe before looking whether the child still lives."""


class ForkedChild(Guarded):
    """A forked process: begun once inside a `with` block, ended with it in any case."""

    __slots__ = (
        "_ended",
        "_masks",
        "_masks_to_restore",
        "_parent",
        "_pids",
        "_pipe",
        "_taken",
        "_thread",
        "_unclosed",
    )

    def __init__(self) -> None:
        self._parent, self._thread = getpid(), current_thread_id()
        self._pipe: list[int] = []
        self._pids: list[int] = []
        self._ended: list[tuple[int, int]] = []
        self._masks: list[set[int | signal.Signals]] = []
        # They give what the lists get later, each item once.
        self._unclosed = iter(self._pipe)
        self._masks_to_restore = iter(self._masks)
        self._taken = False

    def fork(self) -> bool:
        """Fork; true in the child, which gets no signal, but for those that nobody can hold off.

        Raises:
            OSError: the system has no process or no memory left for it, or no descriptor.
        """
        self._pipe.extend(chain.from_iterable(starmap(os.pipe, [()])))
        # Held off before: a KeyboardInterrupt in the child would go on as the program.
        block = (signal.SIG_BLOCK, signal.valid_signals())
        self._masks.extend(starmap(signal.pthread_sigmask, [block]))
        try:
            self._pids.extend(starmap(os.fork, [()]))
        finally:
            if getpid() == self._parent:
                self._let_signals_in()
        return getpid() != self._parent

    def is_there(self) -> bool:
        """Whether there is, or was, such a process."""
        return bool(self._pids)

    def end_with_parent(self) -> None:
        """Have the system end this process when nobody waits for it any more; called in the child.

        It has whatever the program had open, and a service that is started anew needs its port.
        The kernel says by a signal, which ends a process, that nobody is left to read the pipe.
        """
        os.close(self._pipe[0])
        with suppress(AttributeError, OSError):  # not on every system
            signal.signal(signal.SIGIO, signal.SIG_DFL)
            fcntl.fcntl(self._pipe[1], fcntl.F_SETOWN, getpid())
            self._signal_at_pipe(os.O_ASYNC)
            signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGIO})
        if os.getppid() not in {self._parent, 0}:  # 0: it is in a new namespace of numbers
            os._exit(1)

    def _signal_at_pipe(self, flag: int) -> None:
        """Have the pipe send signals, or with 0 none: the reading of an answer would send one."""
        flags = fcntl.fcntl(self._pipe[1], fcntl.F_GETFL) & ~os.O_ASYNC
        fcntl.fcntl(self._pipe[1], fcntl.F_SETFL, flags | flag)

    def answer(self, answer: object) -> None:
        """Give the answer, its length first; called in the child."""
        with suppress(AttributeError, OSError):
            self._signal_at_pipe(0)
        body = pickle.dumps(answer)
        rest = memoryview(LENGTH.pack(len(body)) + body)
        while rest:
            rest = rest[os.write(self._pipe[1], rest) :]

    def answer_by(self, deadline: float) -> tuple[Any, str]:
        """The child's answer and no reason, or no answer and the reason.

        Args:
            deadline: when to give up, as `monotonic` tells the time.
        """
        data = bytearray()
        while not is_complete(data):
            # Before the look into the pipe: what it wrote before it ended is found then.
            ended = self.has_ended()
            if self._is_readable():
                data += os.read(self._pipe[0], 1 << 16)
            elif ended:
                return None, self.ending()
            elif monotonic() > deadline:
                return None, "the forked analysis did not answer in time and was ended"
        return pickle.loads(data[LENGTH.size :]), ""  # noqa: S301 - from our own child

    def _is_readable(self) -> bool:
        """Whether the pipe has something to read; waits for it a little."""
        poll = select.poll()
        poll.register(self._pipe[0], select.POLLIN)
        return bool(poll.poll(LOOK))

    def has_ended(self) -> bool:
        """Whether the process is over; it is then gone from the system's table as well."""
        if not self._is_over():
            self._wait(os.WNOHANG)
        return self._is_over()

    def _is_over(self) -> bool:
        return self._taken or bool(self._ended)

    def _wait(self, options: int) -> None:
        asked = [(self._pids[0], options)]
        try:
            self._ended.extend(filter(itemgetter(0), starmap(os.waitpid, asked)))
        except ChildProcessError:  # the program waits for every child, or ignores SIGCHLD
            self._taken = True

    def ending(self) -> str:
        """How the process ended, for a report."""
        if not self._ended:
            return (
                "the forked analysis ended without an answer; how is not known, for the program "
                "waits for all children itself, or ignores SIGCHLD"
            )
        status = self._ended[0][1]
        if os.WIFSIGNALED(status):
            return f"the forked analysis was killed by {signal.Signals(os.WTERMSIG(status)).name}"
        return "the forked analysis ended without an answer"

    def _enter(self) -> None:
        pass

    def _exit(self, *failure: object) -> None:
        self.end()

    def _end(self) -> None:
        self.end()

    def end(self) -> None:
        """End the process if it still runs, and close what is open."""
        # A process that the program forked meanwhile has a copy of this; the child is not its own.
        ours = getpid() == self._parent
        if ours and current_thread_id() == self._thread:
            self._let_signals_in()
        if ours and self._pids and not self.has_ended():
            with suppress(ProcessLookupError):
                os.kill(self._pids[0], signal.SIGKILL)
            self._wait(0)
        deque(map(os.close, self._unclosed), 0)

    def _let_signals_in(self) -> None:
        masks = zip(repeat(signal.SIG_SETMASK), self._masks_to_restore, strict=False)
        deque(starmap(signal.pthread_sigmask, masks), 0)

    def __del__(self) -> None:
        """End what an interrupt at the first line of `_exit` has left open."""
        if hasattr(self, "_taken"):  # the last that `__init__` sets
            self.end()


def is_complete(data: bytearray) -> bool:
    """Whether an answer has arrived to its end."""
    return len(data) >= LENGTH.size and len(data) == LENGTH.size + LENGTH.unpack_from(data)[0]
