"""What runs, waits, is suspended or has ended: threads, loops, tasks, generators, frames.

What has finished gets no verdict: programs keep tasks, futures and threads for their results.
What was closed, cancelled or shut down is dead by contract.
"""

from types import FrameType

from leakwatch.diagnosis.judgement import (
    Inspector,
    Judgement,
    attribute,
    base_of,
    dead,
    needed,
    undecided,
)
from leakwatch.guest.collector import readable_frames
from leakwatch.heap.fields import c_field, inherits, own_field, text
from leakwatch.heap.roots.frames import FRAME_FIELDS, frames_of, is_running, place_of
from leakwatch.interpreter import enumerate_threads
from leakwatch.model import State


def living_thread_is_needed(subject: object) -> Judgement | None:
    """A thread that runs is needed; a finished one may be kept for its result."""
    if base_of(subject, "threading", "Thread") is None:
        return None
    # `threading` keeps each thread from its start to its end; its own marks differ from
    # version to version (`_is_stopped` is gone in 3.13).
    if any(running is subject for running in enumerate_threads()):
        return needed("the thread is running")
    return undecided("the thread is not running")


def shut_executor_is_dead(subject: object) -> Judgement | None:
    """An executor that was shut down takes no further work."""
    for module, name, mark in EXECUTORS:
        if base_of(subject, module, name) is not None:
            shut = attribute(subject, mark) is True
            return dead("shut down") if shut else undecided("never shut down", State.OPEN)
    return None


EXECUTORS = (
    ("concurrent.futures.thread", "ThreadPoolExecutor", "_shutdown"),
    ("concurrent.futures.process", "ProcessPoolExecutor", "_shutdown_thread"),
)
"""Module and name of a class, and the attribute that `shutdown` sets."""


DONE = undecided("done; its result is kept", State.FINISHED)


def job_is_told(subject: object) -> Judgement | None:
    """A future of an executor; it is kept for its result, or until it has one."""
    if base_of(subject, "concurrent.futures._base", "Future") is None:
        return None
    return STATES.get(text(attribute(subject, "_state")) or "")


STATES = {
    "PENDING": undecided("not started, or nobody completes it", State.PENDING),
    "RUNNING": undecided("running"),
    "CANCELLED": undecided("cancelled"),
    "CANCELLED_AND_NOTIFIED": undecided("cancelled"),
    "FINISHED": DONE,
}


def closed_loop_is_dead(subject: object) -> Judgement | None:
    """An event loop that runs is needed, one that was closed can never run again."""
    if base_of(subject, "asyncio.base_events", "BaseEventLoop") is None:
        return None
    if type(attribute(subject, "_thread_id")) is int:
        return needed("the loop is running")
    if attribute(subject, "_closed") is True:
        return dead("the loop is closed", State.CLOSED)
    return undecided("the loop is neither running nor closed")


def cancelled_handle_is_dead(subject: object) -> Judgement | None:
    """A timer or callback of an event loop that was cancelled will never run."""
    base = base_of(subject, "asyncio.events", "Handle")
    if base is not None and c_field(subject, base, "_cancelled") is True:
        return dead("cancelled")
    return None


def task_of_closed_loop_is_dead(subject: object) -> Judgement | None:
    """A pending task or future whose loop is closed can never go on."""
    base = base_of(subject, "_asyncio", "Task", "Future")
    if base is None:
        return None
    state = c_field(subject, base, "_state")
    if state != "PENDING":
        return DONE if state == "FINISHED" else None
    loop = c_field(subject, base, "_loop")
    closed = closed_loop_is_dead(loop) if loop is not None else None
    if closed is not None and closed.state == State.CLOSED:
        return dead("pending, and its loop is closed")
    return undecided("pending", State.PENDING)


def exhausted_generator_is_dead(subject: object) -> Judgement | None:
    """A generator or coroutine whose frame is gone has ended and can never go on."""
    field = FRAME_FIELDS.get(id(type(subject)))
    if field is None:
        return None
    if is_running(subject):
        return needed("it is running")
    frame = own_field(subject, field)
    if frame is None:
        return dead("it has ended")
    return undecided(f"suspended at {place_of(frame)}", State.SUSPENDED)


def running_frame_is_needed(subject: object) -> Judgement | None:
    """A frame on the stack of some thread is needed; another is kept by somebody."""
    if type(subject) is not FrameType:
        return None
    for top in readable_frames().values():
        if any(frame is subject for frame in frames_of(top)):
            return needed("the function is running")
    return undecided("the call has ended or is suspended")


def stored_exception_is_told(subject: object) -> Judgement | None:
    """An exception that was raised refers to its frames until its traceback is dropped."""
    if not inherits(type(subject), BaseException):
        return None
    traceback = c_field(subject, BaseException, "__traceback__")
    if traceback is None:
        return None
    return undecided("its traceback keeps the frames it came through", State.RAISED)


INSPECTORS: dict[str, Inspector] = {
    "threading.Thread": living_thread_is_needed,
    "concurrent.futures.thread.ThreadPoolExecutor": shut_executor_is_dead,
    "concurrent.futures.process.ProcessPoolExecutor": shut_executor_is_dead,
    "concurrent.futures._base.Future": job_is_told,
    "asyncio.base_events.BaseEventLoop": closed_loop_is_dead,
    "asyncio.events.Handle": cancelled_handle_is_dead,
    "_asyncio.Future": task_of_closed_loop_is_dead,
    "builtins.generator": exhausted_generator_is_dead,
    "builtins.coroutine": exhausted_generator_is_dead,
    "builtins.async_generator": exhausted_generator_is_dead,
    "builtins.frame": running_frame_is_needed,
    "builtins.BaseException": stored_exception_is_told,
}
"""By the name of the class that they judge instances of."""
