"""Threads that a test leaves running: what they make later falls into the page of another test."""

import threading
import time

from leakwatch.integration import masked, monotonic, name_of_thread

active_count = threading.active_count
enumerate_threads = threading.enumerate
sleep = time.sleep

PATIENCE = 0.05
"""Seconds that the threads of a test get to finish what they are at, before its page is closed."""
INTERVAL = 0.001
MOST_TOLD = 5


class Threads:
    """The threads of the running test, and those that earlier tests have left.

    Attributes:
        left: test and name of the threads that were still running when their test had ended.
    """

    def __init__(self) -> None:
        self._before: set[int] = set()
        self.left: list[str] = []

    def begin(self) -> None:
        """A test begins; the threads that are there are not its own."""
        self._before = set(map(id, enumerate_threads())) if active_count() > 1 else set()

    def end(self, nodeid: str) -> None:
        """A test ends: wait a little for its threads, and note those that go on."""
        if active_count() == 1:
            return
        main = threading.main_thread()
        own = [
            thread
            for thread in enumerate_threads()
            if id(thread) not in self._before and thread is not main
        ]
        deadline = monotonic() + PATIENCE
        for thread in own:
            while is_running(thread) and monotonic() < deadline:
                sleep(INTERVAL)
            if is_running(thread):
                name = masked(name_of_thread(thread) or "without a name")
                self.left.append(f"{nodeid} ({name})")

    def told(self) -> list[str]:
        """A note for a report that has leaks."""
        if not self.left:
            return []
        more = len(self.left) - MOST_TOLD
        names = [*self.left[:MOST_TOLD], *([f"{more:,} more"] if more > 0 else [])]
        who = ", ".join(names)
        return [f"threads outlived their test: {who}; what they made later counts for later tests"]


def is_running(thread: threading.Thread) -> bool:
    """Whether a thread runs; `join` and `is_alive` ask attributes that its class may override."""
    return any(running is thread for running in enumerate_threads())
