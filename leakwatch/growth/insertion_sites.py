"""Which line puts something into a container: further runs, traced line by line.

Nothing of a container changes but by a line of code that some thread executes. So after each
line the lengths of a few containers are looked at: what has grown, the line before has added.
Tracing makes Python code tens of times as slow, so this is done on request, for a run or a few.
"""

import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from types import FrameType
from typing import Any

from leakwatch.growth.allocation_sites import Place
from leakwatch.growth.growing_containers import length_of
from leakwatch.guest.collector import current_frames
from leakwatch.heap.fields import file_of
from leakwatch.heap.provenance import is_library_file, is_own_frame
from leakwatch.interpreter import current_thread_id, pthread_getcpuclockid, time_on

MOST_CONTAINERS = 64
"""Containers watched at once: each costs a look after every line."""
MOST_RUNS = 5
"""Traced runs: what grows in one run of five, the least that counts as growth, grows once."""

Tracer = Callable[[FrameType, str, Any], Any]


class Insertions:
    """Watches containers while some work runs, and notes after which line each has grown.

    Args:
        containers: of exactly builtin types, at most `MOST_CONTAINERS`; held until `close`.
    """

    def __init__(self, containers: Sequence[Any]) -> None:
        self._containers = list(containers[:MOST_CONTAINERS])
        self._lengths = [length_of(container) for container in self._containers]
        self._lines: dict[int, Place | None] = {}
        self._last = 0
        self._clocks: dict[int, Clock] = {}
        self.places: dict[int, Place] = {}

    def close(self) -> None:
        """Let go of the containers."""
        self._containers.clear()

    def is_done(self) -> bool:
        """Whether the line is known for each of the containers."""
        return len(self.places) == len(self._containers)

    def watch(self, call: Callable[[], object]) -> None:
        """Do the work once, traced."""
        # What it brought in since the last time was added unseen.
        self._lengths = [length_of(container) for container in self._containers]
        self._lines.clear()
        self._last = 0
        this = current_thread_id()
        self._clocks = {thread: Clock(thread) for thread in current_frames() if thread != this}
        with traced(self._called):
            call()

    def _called(self, frame: FrameType, event: str, argument: object) -> Tracer | None:
        """The tracer of calls; gives the tracer of the lines of a function of the program."""
        if is_own_frame(frame):
            return None
        self._look(frame)
        self._lines[current_thread_id()] = place_in(frame)
        return self._line

    def _line(self, frame: FrameType, event: str, argument: object) -> Tracer:
        """The tracer of lines, called before each of them and when the function returns."""
        self._look(frame)
        if event == "return":
            # Back in the midst of the caller's line.
            caller = frame.f_back
            ours = caller is None or is_own_frame(caller)
            self._lines[current_thread_id()] = None if ours else place_in(caller)
        else:
            self._lines[current_thread_id()] = place_in(frame)
        return self._line

    def _look(self, frame: FrameType) -> None:
        """See what has grown by the line that this thread has just executed."""
        thread = current_thread_id()
        certain = self._was_alone(thread)
        for index, container in enumerate(self._containers):
            length = length_of(container)
            if length > self._lengths[index] and certain:
                self._note(id(container), self._lines.get(thread), frame)
            self._lengths[index] = length

    def _was_alone(self, thread: int) -> bool:
        """Whether no other thread can have added something since the last look."""
        alone = self._last in {0, thread}
        self._last = thread
        for other, clock in self._clocks.items():
            # All are asked, for each is to be compared with this look the next time.
            if clock.has_moved() and other != thread:
                alone = False
        return alone

    def _note(self, found: int, line: Place | None, frame: FrameType) -> None:
        if line is not None and is_library_file(line[0]):
            # The line of the program that called the library, if one did.
            callers = (place for place in places_above(frame) if not is_library_file(place[0]))
            line = next(callers, line)
        if line is not None:
            self.places.setdefault(found, line)


class Clock:
    """The processor time of a thread that ran before it could be traced.

    The lines of a function that runs already are not traced, nor on CPython 3.11 those of any
    function that such a thread calls; that it did something is.

    Args:
        thread: its identity.
    """

    def __init__(self, thread: int) -> None:
        self._clock: int | None = None
        if pthread_getcpuclockid is not None:
            with suppress(OSError):
                self._clock = pthread_getcpuclockid(thread)
                self._spent = time_on(self._clock)

    def has_moved(self) -> bool:
        """Whether the thread did anything since it was last asked; true if that is not known."""
        if self._clock is None:
            return True
        try:
            spent = time_on(self._clock)
        except OSError:
            # It has ended.
            spent = 0
        moved, self._spent = spent != self._spent, spent
        return moved


def place_in(frame: FrameType | None) -> Place | None:
    """File and line where a frame is."""
    return (file_of(frame.f_code), frame.f_lineno or 0) if frame is not None else None


def places_above(frame: FrameType | None) -> Iterator[Place]:
    """Where a frame and its callers are, innermost first, up to our own code."""
    while frame is not None and not is_own_frame(frame):
        place = place_in(frame)
        assert place is not None
        yield place
        frame = frame.f_back


@contextmanager
def traced(tracer: Tracer) -> Iterator[None]:
    """Inside, the tracer is called at calls of this thread, and of threads that begin meanwhile.

    On CPython 3.12 and later it is also called for threads that run already. Another tracer, of
    a debugger or of coverage, rests meanwhile.
    """
    before, before_in_threads = sys.gettrace(), threading.gettrace()
    everywhere = getattr(threading, "settrace_all_threads", threading.settrace)
    everywhere(tracer)
    sys.settrace(tracer)
    try:
        yield
    finally:
        everywhere(before_in_threads)
        sys.settrace(before)
