"""What works beside the tests, and what the report says of it.

What a thread that outlives its test makes falls into the page of another test. Coverage and
debuggers keep frames, and cost time.
"""

import sys
import threading
import time
from collections.abc import Iterator
from types import FunctionType, MethodType
from typing import Any

from leakwatch.integration import (
    function_of,
    masked,
    module_name,
    monotonic,
    name_of_thread,
    own_text,
)

active_count = threading.active_count
enumerate_threads = threading.enumerate
sleep = time.sleep

GRACE_PERIOD = 0.05
"""Grace period in seconds for the threads of a test, before its page is closed."""
INTERVAL = 0.001
MOST_NAMED = 5


class Threads:
    """The threads of the running test, and those that earlier tests have left.

    Attributes:
        left: test and name of the threads that were still running when their test had ended.
    """

    def __init__(self) -> None:
        self._before: set[int] = set()
        self.left: list[str] = []

    def begin(self) -> None:
        """Note the threads that are there when a test begins: they are not its own."""
        self._before = set(map(id, enumerate_threads())) if active_count() > 1 else set()

    def end(self, nodeid: str) -> None:
        """Wait a little for the threads of a test that ends, and note those that go on."""
        if active_count() == 1:
            return
        main = threading.main_thread()
        own = [
            thread
            for thread in enumerate_threads()
            if id(thread) not in self._before and thread is not main
        ]
        deadline = monotonic() + GRACE_PERIOD
        for thread in own:
            while is_running(thread) and monotonic() < deadline:
                sleep(INTERVAL)
            if is_running(thread):
                name = masked(name_of_thread(thread) or "without a name")
                self.left.append(f"{nodeid} ({name})")

    def notes(self) -> list[str]:
        """Notes for a report that has leaks: which threads outlived their test."""
        if not self.left:
            return []
        more = len(self.left) - MOST_NAMED
        names = [*self.left[:MOST_NAMED], *([f"{more:,} more"] if more > 0 else [])]
        who = ", ".join(names)
        return [f"threads outlived their test: {who}; what they made later counts for later tests"]


def is_running(thread: threading.Thread) -> bool:
    """Whether a thread runs; `join` and `is_alive` ask attributes that its class may override."""
    return any(running is thread for running in enumerate_threads())


def tracers() -> list[str]:
    """Names of the tools that trace or monitor this thread, by the module they come from."""
    return list(dict.fromkeys((*hooked(), *monitoring())))


def hooked() -> Iterator[str]:
    """Yield the modules of what `sys.settrace` and `sys.setprofile` were given."""
    hooks: tuple[Any, ...] = (sys.gettrace(), sys.getprofile())
    for hook in hooks:
        if hook is not None:
            function = function_of(hook) if type(hook) is MethodType else hook
            own = own_text(function, "__module__") if type(function) is FunctionType else ""
            yield (own or module_name(type(function))).partition(".")[0]


def monitoring() -> Iterator[str]:
    """Yield the tools of `sys.monitoring`, from CPython 3.12 on."""
    monitor: Any = getattr(sys, "monitoring", None)
    if monitor is not None:
        yield from filter(None, map(monitor.get_tool, range(6)))


def note_on_tracers(names: list[str]) -> list[str]:
    """A note for the report, if there are any, by their names."""
    if not names:
        return []
    who = ", ".join(names)
    return [f"{who} traced the tests: it may keep objects, and it takes time that is not ours"]
