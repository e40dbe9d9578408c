"""Calling code that is not ours: what it raises is a fact, reported in one line.

Plugins, callbacks and exceptions themselves are other people's code. Whatever they raise is
reported and ends nobody's work, an exception whose `str` raises included. Two things are meant for
the program and pass: `KeyboardInterrupt`, for the user pressed Ctrl-C, and what a signal handler
of the program raises (a timeout, the end at SIGTERM), whose code only happened to run inside ours.
"""

import functools
import signal
import warnings
from collections.abc import Callable, Collection, Iterator
from types import CodeType, FunctionType, MethodType

from leakwatch.heap.objects import class_name, inherits
from leakwatch.interpreter import signal_handler

_traceback_of = BaseException.__dict__["__traceback__"].__get__

LONGEST = 500
"""Characters of a message that are reported; a message may carry a whole document."""


def is_the_programs(error: BaseException, through: Collection[CodeType] = ()) -> bool:
    """Whether an exception that came out of code around us is to reach the program.

    Args:
        error: just caught.
        through: code of ours that calls the program; what came through it is the program's own.
    """
    if inherits(type(error), KeyboardInterrupt):
        return True
    known = set(map(id, (*through, *handler_codes())))
    traceback = _traceback_of(error)
    while traceback is not None:
        if id(traceback.tb_frame.f_code) in known:
            return True
        traceback = traceback.tb_next
    return False


def handler_codes() -> Iterator[CodeType]:
    """The code of the signal handlers that are written in Python."""
    for number in signal.valid_signals():
        handler: object = signal_handler(number)
        while type(handler) in {functools.partial, MethodType}:
            handler = handler.func if type(handler) is functools.partial else handler.__func__  # type: ignore[attr-defined]
        if type(handler) is FunctionType:
            yield handler.__code__


def described(error: BaseException) -> str:
    """Type and message of an exception, in a line that is never too long; it raises nothing."""
    name = class_name(type(error))
    try:
        said = str.__str__(str(error))
    except BaseException as second:
        if is_the_programs(second):
            raise
        return f"{name} (its message cannot be read: {class_name(type(second))})"
    if len(said) > LONGEST:
        said = f"{said[:LONGEST]}... ({len(said):,} characters)"
    return f"{name}: {said}" if said else name


def attempted(call: Callable[[], object]) -> str | None:
    """Call; what it raised, in words, or None."""
    try:
        call()
    except BaseException as error:
        if is_the_programs(error):
            raise
        return described(error)
    return None


def warn(message: str, category: type[Warning], stacklevel: int) -> None:
    """Report a fault as a Python warning, and never be a fault oneself.

    Where warnings are errors it would be the crash that it reports, in the way of whatever the
    program is doing; and a hook for warnings, or a closed stderr, may raise as well.

    Args:
        message: what went wrong.
        category: of the warning.
        stacklevel: as for `warnings.warn`, counted from the caller.
    """
    try:
        warnings.warn(message, category, stacklevel=stacklevel + 1)
    except BaseException as error:
        if is_the_programs(error):
            raise


def add_note(error: BaseException, text: str) -> bool:
    """Add a note to an exception that is on its way, whatever its class makes of that.

    Args:
        error: the exception, which is changed in nothing else.
        text: the note.

    Returns:
        whether it has the note now. One whose `__notes__` is no list takes none.
    """
    # First as the class wants it. Then past an `add_note` that is overridden, and past the
    # `__setattr__` of a frozen dataclass, whose own __init__ sets fields in the same way.
    ways: tuple[Callable[[], object], ...] = (
        lambda: error.add_note(text),
        lambda: BaseException.add_note(error, text),
        lambda: BaseException.__setattr__(error, "__notes__", [text]),
    )
    for way in ways:
        before = notes_of(error)
        if before is not None:
            attempted(way)
            after = notes_of(error)
            if after is not None and len(after) > len(before):
                return True
    return False


def notes_of(error: BaseException) -> list[str] | None:
    """A copy of the notes of an exception; None where they are no list."""
    try:
        notes: object = BaseException.__getattribute__(error, "__notes__")
    except AttributeError:
        return []
    except BaseException as second:
        if is_the_programs(second):
            raise
        return None
    return list[str](notes) if type(notes) is list else None
