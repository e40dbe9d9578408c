"""A signal that has a report or the heap written: for where nobody can reach the door.

The handler writes one byte into a pipe, which is safe at any line of the program; a thread waits at
the other end and does the work.
"""

import os
import signal
from contextlib import suppress
from threading import Thread, current_thread, main_thread

from leakwatch.errors import DoorError, FaultWarning
from leakwatch.heap.provenance import is_own_frame
from leakwatch.interpreter import get_frame, getpid, signal_handler
from leakwatch.isolation.calls import described, warn
from leakwatch.monitoring.places import Writing

VARIABLE = "LEAKWATCH_SIGNAL"
THREAD = "leakwatch-signal"
MOST_READ = 4096
"""Signals that come while a report is made ask for one more, and not for one each."""


class WriteOnSignal:
    """Writes a file whenever a signal comes, until the process ends; in forked children too.

    Args:
        name: of the signal, such as `USR2`.
        write: what is written.

    Raises:
        DoorError: there is no such signal, it is not free, or this is not the main thread.
    """

    def __init__(self, name: str, write: Writing) -> None:
        self._write = write
        self._number = number_of(name)
        self.listen()
        signal.signal(self._number, self._ask)

    def listen(self) -> None:
        """Have a thread wait for the signal in this process."""
        self._process, self._pipe = getpid(), os.pipe()
        os.set_blocking(self._pipe[1], False)
        Thread(target=self._serve, args=(self._pipe[0],), name=THREAD, daemon=True).start()

    def listen_in_child(self, *, to_work: bool) -> None:
        """The pipe is the parent's; a child that goes on with work gets one of its own."""
        for end in self._pipe:
            os.close(end)
        if to_work:
            self.listen()
            if self._missed:
                self._ask()

    _missed = False
    """Whether the signal came to a forked child before it had a pipe of its own."""

    def _ask(self, *_: object) -> None:
        if self._process != getpid():
            self._missed = True
            return
        with suppress(OSError):  # the pipe is full: a report is asked for
            os.write(self._pipe[1], b"!")

    def _serve(self, asked: int) -> None:
        while os.read(asked, MOST_READ):
            try:
                self._write.to_file()
            except Exception as error:  # noqa: BLE001 - a full disk; the program goes on
                warn(f"nothing is written on the signal: {described(error)}", FaultWarning, 2)


def number_of(name: str) -> signal.Signals:
    """The signal, if it is free.

    Raises:
        DoorError: there is no such one, it is taken, or nothing can be set here.
    """
    found = signal_named(name)
    if signal_handler(found) not in (signal.SIG_DFL, signal.SIG_IGN):
        raise DoorError(f"the program handles {found.name} itself; take another signal")
    if current_thread() is not main_thread():
        raise DoorError("a handler can be set in the main thread only; import leakwatch there")
    return found


def signal_named(name: str) -> signal.Signals:
    """The signal with a name, such as `USR2` or `SIGUSR2`.

    Raises:
        DoorError: there is none.
    """
    found = getattr(signal, f"SIG{name.upper().removeprefix('SIG')}", None)
    if not isinstance(found, signal.Signals):
        raise DoorError(f"there is no signal {name!r}; take USR1 or USR2")
    return found


_listening: list[WriteOnSignal] = []


def write_on(name: str, write: Writing) -> None:
    """Write a file whenever a signal comes; see `WriteOnSignal`."""
    _listening.append(WriteOnSignal(name, write))


def in_child() -> None:
    """A forked child listens too; not one that leakwatch itself has forked to judge."""
    to_work = not is_own_frame(get_frame(1))
    for listening in _listening:
        listening.listen_in_child(to_work=to_work)


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=in_child)
