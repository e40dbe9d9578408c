"""What an inspector is, how it reads an object, and what it answers.

The state of an object of the standard library is read without running code of the program: a
subclass may override any attribute, so each read names the class whose own field it means.
"""

from collections.abc import Callable
from dataclasses import dataclass

from leakwatch.heap.fields import entry, inherits
from leakwatch.heap.objects import class_of, instance_namespace
from leakwatch.model import Verdict


@dataclass(frozen=True, slots=True)
class Judgement:
    """A verdict and the reason for it.

    Attributes:
        verdict: NOT_LEAKING, LEAKING or UNKNOWN.
        reason: a few words that the report prints behind the verdict.
        state: in which state the object was found, a `leakwatch.model.State` or a word of the
            inspector's own; patterns ask for this one and never for the words.
    """

    verdict: Verdict
    reason: str = ""
    state: str = ""


Inspector = Callable[[object], Judgement | None]


def needed(reason: str) -> Judgement:
    """The object is still needed."""
    return Judgement(Verdict.NOT_LEAKING, reason)


def dead(reason: str, state: str = "") -> Judgement:
    """The object's use is over by contract: closed, cancelled, shut down."""
    return Judgement(Verdict.LEAKING, reason, state)


def undecided(reason: str, state: str = "") -> Judgement:
    """The object may be needed or not; the reason says what state it is in."""
    return Judgement(Verdict.UNKNOWN, reason, state)


def base_of(subject: object, module: str, *names: str) -> type | None:
    """The first of a module's classes that the object is an instance of."""
    for name in names:
        cls = class_of(module, name)
        if cls is not None and inherits(type(subject), cls):
            return cls
    return None


def attribute(subject: object, name: str) -> object:
    """An entry of the instance's dict, or None."""
    found: object = entry(instance_namespace(subject), name)
    return found
