"""What single objects say about whether they are still needed.

An inspector is a function from a live object to a `Judgement`, or None. It decides only
from state that a programmer's bug cannot set, and it runs no code of the program: types,
slots of builtin classes and C getters. A wrong NOT_LEAKING hides the culprit above it; a
wrong LEAKING moves the suspicion up.
"""

import io
from collections.abc import Callable
from dataclasses import dataclass
from types import GetSetDescriptorType, MemberDescriptorType
from typing import Any

from leakwatch.heap.callable_names import LRU_WRAPPER
from leakwatch.heap.namespace_roots import leads_to, named_modules
from leakwatch.heap.objects import (
    class_attributes,
    is_class,
    is_module,
    module_name,
    mro,
    type_name,
)
from leakwatch.interpreter import enumerate_threads
from leakwatch.model import Verdict


@dataclass(frozen=True, slots=True)
class Judgement:
    """A verdict and the reason for it.

    Attributes:
        verdict: NOT_LEAKING, LEAKING or UNKNOWN.
        reason: a few words that the report prints behind the verdict.
    """

    verdict: Verdict
    reason: str = ""


Inspector = Callable[[object], Judgement | None]


def module_is_needed(subject: object) -> Judgement | None:
    """Modules live as long as the process."""
    if is_module(subject):
        return Judgement(Verdict.NOT_LEAKING, "a module lives as long as the process")
    return None


def named_class_is_needed(subject: object) -> Judgement | None:
    """A class that its own name leads to lives as long as its module."""
    if not is_class(subject):
        return None
    cls: Any = subject
    home = dict(named_modules()).get(module_name(cls))
    if home is not None and leads_to(home, cls):
        return Judgement(Verdict.NOT_LEAKING, "a class lives as long as its module")
    return Judgement(Verdict.UNKNOWN, "a class made at run time")


def living_thread_is_needed(subject: object) -> Judgement | None:
    """A thread that runs is needed; a finished one may be kept for its result."""
    if "threading.Thread" not in map(type_name, mro(type(subject))):
        return None
    # `threading` keeps each thread from its start to its end; its own marks differ from
    # version to version (`_is_stopped` is gone in 3.13).
    if any(running is subject for running in enumerate_threads()):
        return Judgement(Verdict.NOT_LEAKING, "the thread is running")
    return Judgement(Verdict.UNKNOWN, "the thread is not running")


def logger_is_needed(subject: object) -> Judgement | None:
    """Named loggers live in logging's registry for ever."""
    if "logging.Logger" in map(type_name, mro(type(subject))):
        return Judgement(Verdict.NOT_LEAKING, "loggers are never freed")
    return None


def closed_file_is_dead(subject: object) -> Judgement | None:
    """A closed file's use is over, by its contract."""
    innermost = subject
    for layer in ("buffer", "raw"):
        innermost = _io_field(innermost, layer, MemberDescriptorType) or innermost
    # A buffer's own `closed` asks the raw file, which may be a class of the program.
    if all(cls is not base for base in mro(type(innermost)) for cls in FILES):
        return None
    closed = _io_field(innermost, "closed", GetSetDescriptorType) is True
    return Judgement(Verdict.LEAKING, "closed") if closed else None


FILES = (io.FileIO, io.BytesIO, io.StringIO)
"""Files that know by themselves whether they are closed."""


def _io_field(subject: object, name: str, kind: type) -> object:
    """A C field of a class of `_io`, or None where there is none or it is empty."""
    for cls in mro(type(subject)):
        field = class_attributes(cls).get(name)
        if module_name(cls) == "_io" and type(field) is kind:
            try:
                return field.__get__(subject)  # type: ignore[attr-defined]
            except (AttributeError, ValueError):  # never opened, or taken apart
                return None
    return None


def cache_is_needed(subject: object) -> Judgement | None:
    """A cached function is as permanent as the module or class that names it."""
    if type(subject) is LRU_WRAPPER:
        return Judgement(Verdict.NOT_LEAKING, "a cache lives as long as its function")
    return None


INSPECTORS: tuple[Inspector, ...] = (
    module_is_needed,
    named_class_is_needed,
    living_thread_is_needed,
    logger_is_needed,
    closed_file_is_dead,
    cache_is_needed,
)
