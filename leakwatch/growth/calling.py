"""Repeated work as a plain call, and the context in which it runs and is judged."""

import asyncio
import inspect
from collections.abc import Callable
from contextvars import Context, copy_context
from types import TracebackType
from typing import Any, Protocol, Self, TypeVar

T = TypeVar("T")
Work = Callable[[], Any]


class Output(Protocol):
    """What hides some of the output of the work."""

    def before_call(self) -> None:
        """Hears before each call of the work."""

    def show(self) -> None:
        """Show all that is printed from now on; may be asked more than once."""


class Calls:
    """Does some work each time it is called; use it in a `with` block around all calls.

    A class and no generator: what holds the event loop is of leakwatch's own type, so that no path
    leads through it.

    A coroutine function runs on one event loop and in one context throughout, as in a server's
    task that lasts. The judgement belongs inside the block: closing the loop cancels what is still
    pending.

    Args:
        work: a function or coroutine function without arguments.
        output: hides what the work prints, or None to show all.

    Attributes:
        failed: whether the last call did not return.
    """

    __slots__ = ("_context", "_loop", "_output", "_work", "failed")

    def __init__(self, work: Work, output: Output | None = None) -> None:
        self._work = work
        self._output = output
        self._loop = asyncio.Runner() if inspect.iscoroutinefunction(work) else None
        # A copy keeps alive what is in it, so plain work has none.
        self._context = Context() if self._loop is None else copy_context()
        self.failed = False

    def __enter__(self) -> Self:
        if self._loop is not None:
            # A loop copies the context for its own callbacks, and would hold what is in it.
            Context().run(self._loop.__enter__)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.show()
        if self._loop is not None:
            self._loop.__exit__(kind, error, traceback)

    def __call__(self) -> None:
        """Do the work; an exception that came through here is its own, and no fault of ours."""
        if self._output is not None:
            self._output.before_call()
        self.failed = True
        if self._loop is None:
            self._work()
        else:
            self._loop.run(self._work(), context=self._context)
        self.failed = False

    def show(self) -> None:
        """Show again what is printed."""
        if self._output is not None:
            self._output.show()

    def judged(self, judge: Callable[[], T]) -> T:
        """Judge where the work ran: a context shows its variables to what runs in it only.

        To be called once, when all work is done.
        """
        self.show()
        if self._loop is None:
            return judge()
        # Let go of: what our objects hold is told of nobody, and the current context should be.
        context = self._context
        del self._context
        return context.run(judge)


CALLS_THE_WORK = (Calls.__call__.__code__,)
