"""Who asks: the innermost code of this thread that is not ours. And who works beside."""

from threading import Thread
from types import FrameType

from leakwatch.fields import entry, globals_of
from leakwatch.heap.objects import instance_namespace
from leakwatch.heap.provenance import is_own_frame
from leakwatch.interpreter import (
    active_thread_count,
    current_thread_id,
    enumerate_threads,
    get_frame,
)


def asking_frame() -> FrameType | None:
    """The innermost running frame of this thread that is not leakwatch's own."""
    frame: FrameType | None = get_frame(0)
    while frame is not None and is_own_frame(frame):
        frame = frame.f_back
    return frame


def asking_globals() -> frozenset[int]:
    """Ids of what the globals of the asking module refer to at this moment."""
    frame = asking_frame()
    return frozenset(map(id, dict.values(globals_of(frame)))) if frame is not None else frozenset()


def threads_by_identity() -> dict[int, Thread]:
    """The threads that are alive, in the order in which they were started."""
    threads = {}
    for thread in enumerate_threads():
        identity = entry(instance_namespace(thread), "_ident")
        if type(identity) is int:
            threads[identity] = thread
    return threads


def others_at_work() -> frozenset[tuple[int, int]]:
    """The other threads of now: identity, which a later thread may get again, and id."""
    if active_thread_count() == 1:
        return frozenset()
    own = current_thread_id()
    threads = threads_by_identity()
    return frozenset((identity, id(it)) for identity, it in threads.items() if identity != own)
