"""Generators, coroutines, frames and exceptions: what is suspended, runs, or has ended."""

from types import AsyncGeneratorType, CoroutineType, FrameType, GeneratorType

from leakwatch.diagnosis.judgement import Judgement, dead, needed, undecided
from leakwatch.guest.collector import current_frames
from leakwatch.heap.fields import c_field, inherits, own_field
from leakwatch.heap.roots.frames import frames_of, is_running, place_of
from leakwatch.model import State


def exhausted_generator_is_dead(subject: object) -> Judgement | None:
    """A generator or coroutine whose frame is gone has ended and can never go on."""
    field = FRAMES.get(id(type(subject)))
    if field is None:
        return None
    if is_running(subject):
        return needed("it is running")
    frame = own_field(subject, field)
    if frame is None:
        return dead("it has ended")
    return undecided(f"suspended at {place_of(frame)}", State.SUSPENDED)


FRAMES = {
    id(GeneratorType): "gi_frame",
    id(CoroutineType): "cr_frame",
    id(AsyncGeneratorType): "ag_frame",
}
"""The field with the frame, by the id of the exact type."""


def running_frame_is_needed(subject: object) -> Judgement | None:
    """A frame on the stack of some thread is needed; another is kept by somebody."""
    if type(subject) is not FrameType:
        return None
    for top in current_frames().values():
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


INSPECTORS = (exhausted_generator_is_dead, running_frame_is_needed, stored_exception_is_told)
