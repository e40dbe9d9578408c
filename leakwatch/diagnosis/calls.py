"""What a call that is kept was given, and what it made.

A cache keeps the arguments of a call and its result; a traceback keeps the frame of one, with its
arguments and its other variables. Whoever has the leak knows it by what the call was given: the
object whose method was cached, the request that was answered.
"""

from collections.abc import Sequence
from inspect import CO_VARARGS, CO_VARKEYWORDS
from itertools import pairwise
from types import CodeType, FrameType
from typing import cast

from leakwatch.heap.fields import own_field
from leakwatch.heap.roots.frames import FRAME_FIELDS, FRAMES, read_variables
from leakwatch.model import RetentionPath
from leakwatch.paths.names.objects import CACHED_RESULT

CALLS = FRAMES | FRAME_FIELDS.keys()
"""Ids of the types that keep the variables of a call."""


def is_made_by_a_call(path: RetentionPath, chain: Sequence[object]) -> bool:
    """Whether a survivor is there as the result of a call, or as a variable that is no argument.

    Args:
        path: with names.
        chain: the objects of the path, the survivor last.
    """
    if any(reference.name == CACHED_RESULT for reference in path.references):
        return True
    kept = [(holder, held) for holder, held in pairwise(chain) if id(type(holder)) in CALLS]
    return bool(kept) and is_local(*kept[-1])


def is_local(call: object, held: object) -> bool:
    """Whether a frame, or what has one, holds something as a variable that it set itself."""
    field = FRAME_FIELDS.get(id(type(call)))
    frame = cast(FrameType | None, call if field is None else own_field(call, field))
    if frame is None:
        return False
    names = [name for name, value in read_variables(frame).items() if value is held]
    return bool(names) and not given_to(frame.f_code) & set(names)


def given_to(code: CodeType) -> set[str]:
    """Names of the arguments of a function, and of the variables around it that it uses."""
    several = sum(bool(code.co_flags & flag) for flag in (CO_VARARGS, CO_VARKEYWORDS))
    arguments = code.co_argcount + code.co_kwonlyargcount + several
    return {*code.co_varnames[:arguments], *code.co_freevars}
