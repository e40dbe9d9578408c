"""What single objects say about whether they are still needed.

An inspector is a function from a live object to a `Judgement`, or None. It decides only
from state that a programmer's bug cannot set, and it runs no code of the program: types,
slots of builtin classes and C getters. A wrong NOT_LEAKING hides the culprit above it; a
wrong LEAKING moves the suspicion up.
"""

from collections.abc import Callable
from dataclasses import dataclass
from types import GetSetDescriptorType
from typing import Any

from leakwatch.heap.callable_names import LRU_WRAPPER
from leakwatch.heap.namespace_roots import leads_to, named_modules
from leakwatch.heap.objects import (
    class_attributes,
    instance_namespace,
    is_class,
    is_module,
    module_name,
    mro,
    type_name,
)
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
    fields = instance_namespace(subject) or {}
    if fields.get("_is_stopped") is True:
        return Judgement(Verdict.UNKNOWN, "the thread has finished")
    return Judgement(Verdict.NOT_LEAKING, "the thread is running")


def logger_is_needed(subject: object) -> Judgement | None:
    """Named loggers live in logging's registry for ever."""
    if "logging.Logger" in map(type_name, mro(type(subject))):
        return Judgement(Verdict.NOT_LEAKING, "loggers are never freed")
    return None


def closed_file_is_dead(subject: object) -> Judgement | None:
    """A closed file's use is over, by its contract."""
    for cls in mro(type(subject)):
        closed = class_attributes(cls).get("closed")
        if module_name(cls) == "_io" and type(closed) is GetSetDescriptorType:
            return Judgement(Verdict.LEAKING, "closed") if closed.__get__(subject) else None
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
