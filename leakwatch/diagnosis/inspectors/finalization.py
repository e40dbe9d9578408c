"""What is at the end of its life: weak references to nothing, objects with a finalizer."""

from types import FunctionType
from typing import Any

from leakwatch.diagnosis.judgement import Judgement, dead, undecided
from leakwatch.heap.fields import class_attribute, inherits, mro
from leakwatch.model import State
from weakrefs import ReferenceType


def cleared_reference_is_dead(subject: object) -> Judgement | None:
    """A weak reference whose object is gone is of no use to anybody."""
    if not inherits(type(subject), ReferenceType):
        return None
    reference: Any = subject
    return dead("its object is gone") if ReferenceType.__call__(reference) is None else None


def finalizer_is_told(subject: object) -> Judgement | None:
    """An object whose class has a `__del__` written in Python."""
    for cls in mro(type(subject)):
        if type(class_attribute(cls, "__del__")) is FunctionType:
            return undecided("its class has `__del__`", State.FINALIZER)
    return None


INSPECTORS = (cleared_reference_is_dead, finalizer_is_told)
