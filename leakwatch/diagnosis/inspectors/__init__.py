"""What single objects say about whether they are still needed.

An inspector is a function from a live object to a `Judgement`, or None. It decides only
from state that a programmer's bug cannot set, and it runs no code of the program: types,
slots of builtin classes and C getters. A wrong NOT_LEAKING hides the culprit above it; a
wrong LEAKING moves the suspicion up.
"""

from leakwatch.diagnosis.inspectors import definitions, execution, resources
from leakwatch.diagnosis.judgement import Inspector, Judgement

__all__ = ["INSPECTORS", "Inspector", "Judgement"]

INSPECTORS: tuple[Inspector, ...] = (
    *definitions.INSPECTORS,
    *execution.INSPECTORS,
    *resources.INSPECTORS,
)
