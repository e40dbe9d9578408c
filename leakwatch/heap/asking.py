"""Who asks: the innermost code of this thread that is not ours."""

from types import FrameType

from leakwatch.fields import globals_of
from leakwatch.heap.provenance import is_own_frame
from leakwatch.interpreter import get_frame


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
