"""Every way in which a process that runs a program ends: it is judged before, whichever it is.

A program returns, exits, or raises; `leakwatch.cli.program` sees that. It may also be ended by a
signal, or call `os._exit`. For those, functions of `os` and `signal` are replaced while it runs.
The program still sees the handlers that it would have without us.
"""

import os
import signal
import threading
from collections.abc import Callable
from functools import wraps
from types import FrameType, TracebackType
from typing import Any, NoReturn, Self

ENDING = frozenset(
    getattr(signal, name) for name in ("SIGTERM", "SIGHUP", "SIGINT") if hasattr(signal, name)
)
"""What ends a program from outside, and may be held up until it has been judged."""
SHELL = 128
"""A shell adds it to the number of the signal that ended a program."""

_signal, _getsignal, _exit, _kill = signal.signal, signal.getsignal, os._exit, os.kill


class Stopped(KeyboardInterrupt):
    """Raised by a signal while leakwatch judges: what is known so far is the answer.

    Args:
        number: of the signal.
    """

    def __init__(self, number: int) -> None:
        super().__init__(signal.Signals(number).name)
        self.number = number


ASKING = frozenset({signal.SIGINT, signal.SIGTERM})
"""What asks a program to end, also one that has a handler for it."""


class Asked:
    """A handler of the program's for a signal that asks it to end.

    Args:
        handler: of the program.
        before: is called first, while the functions of the program still have their variables.
    """

    def __init__(self, handler: Callable[[int, FrameType | None], Any], before: Callable[[], None]):
        self.handler = handler
        self._before = before

    def __call__(self, number: int, frame: FrameType | None) -> Any:
        """Handle the signal."""
        self._before()
        return self.handler(number, frame)


class Endings:
    """Has a process judged at each of its endings; use it in a `with` block around the program.

    Args:
        judge: judges this process, given the exit code of the program, and returns the one to end
            with; called once for each ending, so it must know whether it has been called.
        asked: called when a signal asks a program to end that handles it itself.
    """

    def __init__(
        self, judge: Callable[[int], int], asked: Callable[[], None] = lambda: None
    ) -> None:
        self._judge = judge
        self._asked = asked
        self._spared = False
        # One object, to be known again: each access to a method makes another.
        self._handler = self._by_signal
        self._replaced = Replaced()

    def __enter__(self) -> Self:
        self._replaced.put(signal, "signal", self._set_handler)
        self._replaced.put(signal, "getsignal", self._handler_of)
        self._replaced.put(os, "_exit", self._leave)
        if is_main_thread():
            for number in ENDING:
                _signal(number, self._with_ours(number, _getsignal(number)))
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._replaced.take_back()
        for number in ENDING if is_main_thread() else ():
            _signal(number, self._as_seen(_getsignal(number)))

    def stoppable(self, *, late: bool) -> "Stoppable":
        """A block in which the signals end our judging, whatever handlers the program has left.

        Args:
            late: only the second one does. A pool ends its workers by a signal when they have
                ended already, and would be judged.
        """
        self._spared = late
        return Stoppable(self._stop)

    def _stop(self, number: int, frame: FrameType | None) -> None:
        if self._spared:
            self._spared = False
        else:
            raise Stopped(number)

    def _by_signal(self, number: int, frame: FrameType | None) -> None:
        """Judge, then die as the system would have it: the program's frames are still there."""
        try:
            self._judge(SHELL + number)
        finally:
            die_by(number)

    def _leave(self, status: int) -> NoReturn:
        try:
            status = self._judge(status)
        finally:
            _exit(status)

    def _set_handler(self, signalnum: Any, handler: Any) -> Any:
        if isinstance(signalnum, int):
            handler = self._with_ours(signalnum, handler)
        return self._as_seen(_signal(signalnum, handler))

    def _with_ours(self, number: int, handler: Any) -> Any:
        """What to set instead of a handler of the program's."""
        default = handler is signal.SIG_DFL or (type(handler) is int and handler == signal.SIG_DFL)
        if default and number in ENDING:
            return self._handler
        if number in ASKING and callable(handler) and handler is not self._handler:
            return Asked(handler, self._asked)
        return handler

    def _handler_of(self, signalnum: Any) -> Any:
        return self._as_seen(_getsignal(signalnum))

    def _as_seen(self, handler: Any) -> Any:
        if type(handler) is Asked:
            return handler.handler
        return signal.SIG_DFL if handler is self._handler else handler


class Stoppable:
    """A block with our handlers of signals; those of the program are put back after it.

    What was to be ignored from the start, as behind `nohup`, still is.
    """

    def __init__(self, handler: Callable[[int, FrameType | None], None]) -> None:
        self._handler = handler
        self._before: dict[int, Any] = {}

    def __enter__(self) -> None:
        for number in ENDING if is_main_thread() else ():
            before = _getsignal(number)
            if before not in (signal.SIG_IGN, None):
                self._before[number] = before
                _signal(number, self._handler)

    def __exit__(self, *failure: object) -> None:
        for number, before in self._before.items():
            _signal(number, before)


class Replaced:
    """Functions of other modules that are replaced for a while."""

    def __init__(self) -> None:
        self._before: list[tuple[Any, str, Any]] = []

    def put(self, module: Any, name: str, function: Callable[..., Any]) -> None:
        """Replace a function, if there is one of this name; it looks and is pickled like it."""
        before = getattr(module, name, None)
        if before is None:
            return

        @wraps(before)
        def ours(*positional: Any, **named: Any) -> Any:
            return function(*positional, **named)

        ours.__module__, ours.__qualname__ = module.__name__, name
        self._before.append((module, name, before))
        setattr(module, name, ours)

    def take_back(self) -> None:
        """Put the functions back, the last first."""
        while self._before:
            setattr(*self._before.pop())


def die_by(number: int) -> NoReturn:
    """End as the signal would have ended the process, so that its parent sees that."""
    _signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, [number])
    _kill(os.getpid(), number)
    _exit(SHELL + number)


def is_main_thread() -> bool:
    """Whether this thread may set handlers."""
    return threading.current_thread() is threading.main_thread()
