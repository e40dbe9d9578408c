"""Names of references held by suspended and finished frames, tracebacks and exceptions."""

from collections.abc import Sequence
from types import AsyncGeneratorType, CoroutineType, FrameType, GeneratorType, TracebackType
from typing import Any

from leakwatch.heap.fields import c_field, inherits, own_field, own_text, qualname_of_code
from leakwatch.heap.roots.frames import place_of, read_variables
from leakwatch.paths.names.name import Named

FRAME_OF = {
    id(GeneratorType): ("gi_frame", "gi_yieldfrom"),
    id(CoroutineType): ("cr_frame", "cr_await"),
    id(AsyncGeneratorType): ("ag_frame", "ag_await"),
}


def name_from_frame(path: Sequence[object]) -> Named | None:
    """The reference from a frame, generator, coroutine, traceback or exception."""
    holder: Any = path[0]
    child = path[1]
    kind = type(holder)
    if kind is FrameType:
        return _variable(holder, child) or _frame_attribute(holder, child)
    if kind is TracebackType:
        return Named(".tb_frame" if child is holder.tb_frame else ".tb_next")
    if id(kind) in FRAME_OF:
        return _suspended(holder, child, *FRAME_OF[id(kind)])
    if inherits(kind, BaseException):
        return _from_exception(path)
    return None


def _suspended(holder: Any, child: object, frame: str, awaited: str) -> Named:
    if child is own_field(holder, awaited):
        return Named(f".{awaited}")
    suspended = own_field(holder, frame)
    named = _variable(suspended, child) if suspended is not None else None
    return named or Named(f".<stack of {own_text(holder, '__qualname__')}>")


def _variable(frame: FrameType, child: object) -> Named | None:
    function = qualname_of_code(frame.f_code)
    for name, value in read_variables(frame).items():
        if value is child:
            general = f".<local {name} in {function}>"
            return Named(f".<local {name} in {function} at {place_of(frame)}>", general)
    return None


def _frame_attribute(frame: FrameType, child: object) -> Named:
    for attribute in ("f_back", "f_globals", "f_builtins", "f_trace"):
        if child is own_field(frame, attribute):
            return Named(f".{attribute}")
    return Named(f".<stack of {qualname_of_code(frame.f_code)}>")


def _from_exception(path: Sequence[object]) -> Named | None:
    holder: Any = path[0]
    child: Any = path[1]
    for attribute in ("__traceback__", "__context__", "__cause__"):
        if child is c_field(holder, BaseException, attribute):
            return Named(f".{attribute}")
    if child is c_field(holder, BaseException, "args") and len(path) > 2:
        index = next(i for i, item in enumerate(child) if item is path[2])
        return Named(f".args[{index}]", ".args[*]", 2)
    return None
