"""Where the survivors of repeated work are created: one more run, with tracemalloc listening.

Only work that leaves something behind is run so, and only once: tracing makes allocation
three to four times as slow.
"""

import os
import sys
import tracemalloc
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from itertools import takewhile
from types import CodeType, FunctionType
from typing import Any

from leakwatch.guest.collector import get_objects
from leakwatch.heap.fields import code_of, file_of, qualname_of_code, text
from leakwatch.heap.graph import of_types
from leakwatch.heap.objects import HEADER, has_pre_header, identities
from leakwatch.heap.provenance import is_library_file
from leakwatch.model import Birth

DEPTH = 25
"""Frames that are noted of each allocation: so deep in libraries an object may be made."""
OURS = os.path.dirname(__file__)
UNKNOWN = "?"
"""Name of a function that is not there any more, or was never bound to anything."""

FUNCTIONS = identities([FunctionType])
Place = tuple[str, int]
"""A file as its code objects have it, and a line."""


@contextmanager
def listening() -> Iterator[None]:
    """tracemalloc is on inside; a program that has it on already keeps what it has traced."""
    ours = not tracemalloc.is_tracing()
    if ours:
        tracemalloc.start(DEPTH)
    try:
        yield
    finally:
        if ours:
            tracemalloc.stop()


def place_of(found: object) -> Place | None:
    """The line of the program that created an object, or None if it was not listened to.

    Of an object that a library makes, the line that called the library.
    """
    # Below our own frames is who hunts, and not the work.
    theirs = list(takewhile(lambda place: not place[0].startswith(OURS), allocation_of(found)))
    programs = [place for place in theirs if not is_library_file(place[0])]
    # Code that was made at run time, by a decorator perhaps, is in no file that anybody could open.
    written = [place for place in programs if not place[0].startswith("<")]
    return next(iter(written or programs or theirs), None)


def allocation_of(found: object) -> list[Place]:
    """The lines on the stack when an object was created, innermost first."""
    trace = tracemalloc.get_object_traceback(found)
    if trace is not None:
        return [(text(frame.filename) or "", frame.lineno) for frame in reversed(trace)]
    if sys.version_info < (3, 12) and has_pre_header(type(found)):
        return allocation_at(id(found) - 2 * HEADER)
    return []


def allocation_at(address: int) -> list[Place]:
    """The same for a block of memory; empty where the interpreter does not tell.

    CPython 3.11 looks for an instance with a `__dict__` two words behind where it begins.
    """
    import ctypes

    ask = getattr(ctypes.pythonapi, "_PyTraceMalloc_GetTraceback", None)
    if ask is None:
        return []
    ask.restype, ask.argtypes = ctypes.py_object, (ctypes.c_uint, ctypes.c_size_t)
    return list(ask(0, address) or ())


def births_at(places: Mapping[int, Place], scope: str) -> dict[int, Birth]:
    """The births for places by id of the object.

    Args:
        places: by id of the object or container.
        scope: name of the work.
    """
    functions = functions_at(set(places.values()))
    births = {at: Birth(*at, function, scope) for at, function in functions.items()}
    return {found: births[place] for found, place in places.items()}


def functions_at(places: Iterable[Place]) -> dict[Place, str]:
    """Qualified names of the innermost functions around some lines."""
    wanted = dict.fromkeys(places, (1 << 30, UNKNOWN))
    files = {file for file, _ in wanted}
    functions: list[Any] = of_types(get_objects(), FUNCTIONS)
    for function in functions:
        if file_of(code_of(function)) in files:
            for code in code_within(code_of(function)):
                lines = {line for *_, line in code.co_lines() if line}
                for place, best in wanted.items():
                    if place[0] == file_of(code) and place[1] in lines:
                        wanted[place] = min(best, (len(lines), qualname_of_code(code)))
    functions.clear()
    return {place: name for place, (_, name) in wanted.items()}


def code_within(code: CodeType) -> Iterator[CodeType]:
    """A code object and those in it: of the functions and classes that it makes."""
    yield code
    for constant in code.co_consts:
        if type(constant) is CodeType:
            yield from code_within(constant)
