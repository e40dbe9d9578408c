"""What single objects say about whether they are still needed.

An inspector is a function from a live object to a `Judgement`, or None. It decides only
from state that a programmer's bug cannot set, and it runs no code of the program: types,
slots of builtin classes and C getters. A wrong NOT_LEAKING hides the culprit above it; a
wrong LEAKING moves the suspicion up.
"""

from leakwatch.diagnosis.inspectors import definitions, execution, resources
from leakwatch.diagnosis.judgement import Inspector, Judgement
from leakwatch.diagnosis.verdicts import UNDECIDED, inspect
from leakwatch.heap.fields import class_attribute, module_name, mro, qualified_name
from leakwatch.heap.objects import PerClass

__all__ = ["BY_CLASS", "INSPECTORS", "Inspector", "Judgement"]

BY_CLASS = {**definitions.INSPECTORS, **execution.INSPECTORS, **resources.INSPECTORS}
"""The inspectors by the name of the class that they judge instances of.

A name proves nothing, for a class of the program may bear any: each looks for itself.
"""


def judged_by_its_classes(subject: object) -> Judgement | None:
    """What the inspectors say that are for a class of the object."""
    for_it = inspectors_for(type(subject))
    own = inspect(subject, for_it) if for_it else UNDECIDED
    return own if own is not UNDECIDED else None


@PerClass
def inspectors_for(cls: type) -> tuple[Inspector, ...]:
    """The inspectors for instances of a class, those of its nearest base first."""
    names = [f"{module_name(base)}.{qualified_name(base)}" for base in mro(cls)]
    if all(class_attribute(base, "__del__") is None for base in mro(cls)):
        names.remove("builtins.object")  # what is asked of every object is whether it has one
    return tuple(BY_CLASS[name] for name in names if name in BY_CLASS)


INSPECTORS: tuple[Inspector, ...] = (judged_by_its_classes,)
