"""The whole heap for collections of everything that are not leakwatch's own, while it is frozen.

Who calls `gc.collect()` wants to be rid of old garbage too, and a window hides it. So right before
such a collection begins the heap is thawed, and right after it frozen again.

CPython tells nobody whether a collection of everything was asked for or comes by itself: both say
generation 2. So both get the whole heap. One of the second kind comes once so many objects were
made as pass the younger generations; what it has met then counts as old, and the next one waits
for a quarter of that, as without a window.
"""

import os
from collections.abc import Callable, Mapping

from leakwatch.guest.collector import collects_for_us, hear_collections, hear_no_more
from leakwatch.guest.frozen_heap import heap
from leakwatch.interpreter import current_thread_id
from leakwatch.tracking.window import suspended

EVERYTHING = 2
"""The oldest generation: a collection of it is one of all."""


class FullCollections:
    """Hears of collections from `start` to `finish`; is itself the callback of the collector.

    A collection on another thread than that of `start` gets the whole heap too, but whoever has
    the window is not called: it may be in the midst of its own work.

    Args:
        before: closes the window of the owner, right before such a collection.
        after: opens it again, right after it. What was born meanwhile, by finalizers, is in the
            youngest generation.
    """

    __slots__ = ("_after", "_before", "_gave_way", "_hears", "_process", "_shown", "_thread")

    def __init__(self, before: Callable[[], object], after: Callable[[], object]) -> None:
        self._before = before
        self._after = after
        self._hears = self._gave_way = False
        self._shown: suspended | None = None
        self._thread = self._process = 0

    def __repr__(self) -> str:
        """Seen in `gc.callbacks` by a program that looks there."""
        return "<leakwatch: shows the whole heap to gc.collect()>"

    def start(self) -> None:
        """Hear of each collection from now on; called inside one, it goes on to do so."""
        self._thread, self._process = current_thread_id(), os.getpid()
        if not self._hears:
            self._hears = True
            hear_collections(self)

    def finish(self) -> None:
        """Hear no more; called inside a collection, it leaves the heap as it is then."""
        hear_no_more(self)
        self._hears = self._gave_way = False
        self._freeze_again()

    def __call__(self, phase: str, info: Mapping[str, int]) -> None:
        """Hears of the beginning and the end of a collection; there is one at a time."""
        if info["generation"] < EVERYTHING or collects_for_us():
            return
        if os.getpid() != self._process:
            self.finish()  # in a forked child nothing is frozen by us
        elif phase == "start":
            self._give_way()
        else:
            self._go_on()

    def _give_way(self) -> None:
        self._gave_way = current_thread_id() == self._thread
        if self._gave_way:
            self._before()
        if heap.frozen:  # for another window: a scope of the program, or that of another thread
            self._shown = suspended()
            self._shown.__enter__()

    def _go_on(self) -> None:
        heap.aged = 0  # all of it was collected
        self._freeze_again()
        if self._gave_way:
            self._gave_way = False
            self._after()

    def _freeze_again(self) -> None:
        shown, self._shown = self._shown, None
        if shown is not None:
            shown.__exit__(None, None, None)
