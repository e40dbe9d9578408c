"""Values that are handed to somebody else's library on a thread of their own.

A report may be announced by a finalizer or a signal handler, and so in the middle of anything that
the thread was doing, with whatever locks of the library it had taken. What is called from there
must not want one. To put a value into a queue wants none, and costs the program's thread no more
than that.
"""

import atexit
from collections.abc import Callable
from queue import SimpleQueue
from threading import Thread
from typing import Generic, TypeVar

from leakwatch.errors import FaultWarning
from leakwatch.interpreter import getpid
from leakwatch.isolation.calls import attempted, warn

T = TypeVar("T")
MOST_WAITING = 10_000
"""Values; where the library is slower than that, later ones are lost, and a warning says so."""
PATIENCE = 1.0
"""Seconds that the end of the process waits for what was put before."""


class Outbox(Generic[T]):
    """Hands values on, one by one, in the order in which they were put.

    A forked child has a thread of its own as soon as it puts something; what waited in the parent
    is the parent's.

    Args:
        name: whose it is; of the thread, too.
        deliver: takes a value. What it raises is reported as a warning, and ends nothing.
    """

    def __init__(self, name: str, deliver: Callable[[T], object]) -> None:
        self._name, self._deliver = name, deliver
        self._is_told, self._process = False, 0
        self._begin()
        atexit.register(self.flush)

    def put(self, value: T) -> None:
        """Hand over a value; it may be called anywhere."""
        if self._process != getpid():
            self._begin()
        if self._queue.qsize() < MOST_WAITING:
            self._queue.put(value)
        elif not self._is_told:
            self._is_told = True
            warn(f"{self._name} is too slow: some of what was found is lost", FaultWarning, 2)

    def flush(self, seconds: float = PATIENCE) -> None:
        """Wait until what was put is delivered, and end the thread; the next value begins another.

        Args:
            seconds: to wait at the most.
        """
        if self._process == getpid():
            queue, thread, self._process = self._queue, self._thread, 0
            queue.put(None)
            thread.join(seconds)

    def _begin(self) -> None:
        queue: SimpleQueue[T | None] = SimpleQueue()
        thread = Thread(
            target=self._run, args=(queue,), name=f"leakwatch-{self._name}", daemon=True
        )
        self._queue, self._thread, self._process = queue, thread, getpid()
        thread.start()

    def _run(self, queue: "SimpleQueue[T | None]") -> None:
        while (value := queue.get()) is not None:
            fault = attempted(lambda it=value: self._deliver(it))  # type: ignore[misc]
            if fault is not None:
                warn(f"{self._name} failed: {fault}", FaultWarning, 2)
