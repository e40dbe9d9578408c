"""The collector of the process: asked, run, paused, and left as the program had it.

Its functions are taken when leakwatch is imported, as in `leakwatch.interpreter`: a program may
patch `gc`.
"""

import builtins
import gc
import os
import sys
from collections.abc import Callable
from types import FrameType
from typing import Any

from leakwatch.guest.guarded import AtWork, Guarded, native
from leakwatch.interpreter import (
    active_thread_count,
    current_thread_id,
    get_frame,
    has_global_lock,
    others_run,
    sleep,
)

_collect = gc.collect
_get_stats = gc.get_stats
_get_count = gc.get_count
_get_threshold = gc.get_threshold
_set_threshold = gc.set_threshold
_current_frames = sys._current_frames
BUILTINS = vars(builtins)
"""Each interpreter has its own."""
_current_exceptions: Callable[[], dict[int, Any]] = sys._current_exceptions
freeze = gc.freeze
unfreeze = gc.unfreeze
freeze_count = gc.get_freeze_count
garbage = gc.garbage
gc_thresholds = gc.get_threshold
gc_is_enabled = gc.isenabled
gc_callbacks: list[Any] = gc.callbacks
disable_collector = gc.disable
get_objects: Callable[..., list[Any]] = gc.get_objects if native is None else native.get_objects
"""In pure Python it also lists tuples that are being built, which nobody else may refer to yet:
`tuple(generator)` on another thread raises SystemError as long as the list is there."""


FROZEN_AT_START = min(freeze_count(), 1000)
"""A collection of CPython 3.12 freezes immortal objects, 375 at the start; a program's freeze is
far larger."""


def program_froze() -> int:
    """Number of objects that the program has frozen with `gc.freeze`."""
    return max(0, freeze_count() - FROZEN_AT_START)


TRIES = 50
"""How often a collection is asked for while one of another thread is at work."""


def collect() -> int:
    """Collect everything; the number of objects that were found unreachable.

    While the collector is at work on another thread it returns at once, so it is asked again.
    """
    __tracebackhide__ = True  # what a finalizer raises here is about the garbage, not this line
    thread = current_thread_id()
    for _ in range(TRIES):
        before = _get_stats()[2]["collections"]
        _collecting.add(thread)
        try:
            found = _collect()
        finally:
            _collecting.discard(thread)
        if _get_stats()[2]["collections"] != before:
            return found
        sleep(0.001)
    return 0


_collecting: set[int] = set()
"""The threads on which leakwatch itself collects everything."""


def collects_for_us() -> bool:
    """Whether the collection that a callback of the collector is told of was leakwatch's wish."""
    return current_thread_id() in _collecting


def hear_collections(callback: Callable[[str, Any], None]) -> None:
    """Have a callback told of each collection, after those of the program."""
    gc_callbacks.append(callback)


def hear_no_more(callback: Callable[[str, Any], None]) -> None:
    """Take a callback out again, if it is there still; the others are the program's."""
    for at, found in enumerate(gc_callbacks):
        if found is callback:
            del gc_callbacks[at]
            return


def youngest() -> list[Any]:
    """The objects that no collection has met yet; borrowed, to be cleared.

    None where there are no generations: in a free-threaded build.
    """
    return get_objects(0) if has_global_lock() else []


def collect_young() -> int:
    """Collect the two young generations; the number of objects that were found unreachable."""
    return _collect(1)


def collect_youngest() -> None:
    """Collect the youngest generation."""
    _collect(0)


def collect_before_aging() -> int:
    """Collect the youngest generation; gives about how many objects are not old yet."""
    made = _get_count()[0]
    freed = _collect(0)
    # Since CPython 3.14 the generation in the middle is a part of the old ones.
    return len(get_objects(1)) if sys.version_info < (3, 14) else max(0, made - freed)


def collector_runs() -> bool:
    """Whether the automatic collector is neither disabled nor paused."""
    return gc_is_enabled() and _get_threshold()[0] not in {0, NEVER}


NEVER = 2**31 - 1
"""A threshold that is not reached: the greatest C int."""


class paused_collector(Guarded):  # noqa: N801 - used as `with paused_collector():`
    """No automatic collection inside: it would walk our own arrays, or free what we look at.

    The thresholds are set as high as they go, which stops the automatic collector as `gc.disable`
    does. So whoever calls `gc.enable` or `gc.disable` meanwhile, on another thread say, has not
    done it in vain. (With 0, CPython 3.12 would still make a collection that is due already.)
    Analyses may overlap: the first one pauses it, and the last one sets it going again.
    """

    __slots__ = ("__weakref__",)

    def _enter(self) -> None:
        _pausing.add(id(self), self)
        if _paused_from is None:
            pause()

    def _exit(self, *failure: object) -> None:
        self._end()

    def _end(self) -> None:
        # For the second time as well: an interrupt may have come between these two, or in the last.
        _pausing.end(id(self))
        resume_at_last()


def resume_at_last() -> None:
    """Set the collector going again, if nobody needs it paused."""
    if not _pausing:
        resume()
        if _pausing:  # another thread has come in between
            pause()


_pausing = AtWork(resume_at_last)
"""The `paused_collector` that are at work."""
_paused_from: tuple[int, int, int] | None = None
"""The thresholds of the program, while the collector is paused."""


# CPython holds the lock of its list of threads while it makes the frames. A collection then runs
# code that may want that lock (a `__del__` that starts a thread): a deadlock. Or it lets
# other threads go on, whose frames are then gone: a crash. CPython gh-106883, met with 3.11.7.


def current_frames() -> dict[int, FrameType]:
    """The innermost frame of each thread, of this one the caller's, by identity of the thread.

    Threads of other interpreters are left out. Where one of those may run meanwhile, only the
    caller's is told: CPython gives those of all interpreters, and to count a reference to what
    another one works on, without its lock, is the end of both.
    """
    found = {}
    if not others_run():
        with paused_collector():
            found = _current_frames()
        if any(frame.f_builtins is not BUILTINS for frame in found.values()):
            found = {thread: frame for thread, frame in found.items() if is_of_this(frame)}
    found[current_thread_id()] = get_frame(1)
    return found


def is_of_this(frame: FrameType) -> bool:
    """Whether a frame is of this interpreter, by the builtins of where its stack begins.

    The program may give code builtins of its own, but it begins with those of the interpreter.
    """
    outermost = frame
    while outermost.f_builtins is not BUILTINS and outermost.f_back is not None:
        outermost = outermost.f_back
    return outermost.f_builtins is BUILTINS


def readable_frames() -> dict[int, FrameType]:
    """The innermost frame of each thread whose variables, and callers, may be read.

    Without a global lock the other threads run on meanwhile, and to read what a running frame holds
    may crash the process ("Frame objects" in CPython's guide to free-threading).
    """
    return current_frames() if has_global_lock() else {current_thread_id(): get_frame(1)}


def unread_threads() -> int:
    """How many threads there are whose frames may not be read."""
    if has_global_lock():
        return active_thread_count() - 1 if others_run() else 0
    return len(current_frames()) - 1


def current_exceptions() -> dict[int, Any]:
    """What each thread is handling, by identity of the thread; see `current_frames`."""
    if others_run():
        return {current_thread_id(): sys.exception()}
    with paused_collector():
        found = _current_exceptions()
    threads = current_frames()
    return {thread: error for thread, error in found.items() if thread in threads}


def pause() -> None:
    """Stop the automatic collector until `resume`."""
    global _paused_from  # noqa: PLW0603 - one process, one collector
    thresholds = _get_threshold()
    if thresholds[0]:  # with 0 it stands still already
        _paused_from = thresholds
        _set_threshold(NEVER, NEVER, NEVER)


def resume() -> None:
    """Give the automatic collector its thresholds back, unless the program has set others."""
    global _paused_from  # noqa: PLW0603 - as above
    if _paused_from is not None:
        if _get_threshold()[0] == NEVER:
            _set_threshold(*_paused_from)
        _paused_from = None


def resume_in_child() -> None:
    """Set the collector going in a forked child, where what has paused it does not run."""
    _pausing.clear()
    resume()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=resume_in_child)
