"""What the age of a holder says: repeated work did not make what was there before it.

A hunt asks what each run adds. Whatever was there when the first run began, and is there
still, was added by none of them, so what grows is below it. When an object was born is state
that no bug can set.
"""

from collections.abc import Mapping, Sequence

from leakwatch.diagnosis.judgement import Inspector, Judgement, needed
from leakwatch.diagnosis.verdicts import inspect
from leakwatch.heap.objects import is_class, is_module
from leakwatch.heap.plumbing import is_node_of_a_context
from leakwatch.interpreter import is_tracked
from leakwatch.model import Verdict

THERE_BEFORE = "was there before the first run"


def with_ages(inspectors: Sequence[Inspector], ages: Mapping[int, int]) -> Inspector:
    """An inspector that asks some others, and then the age of what they do not decide.

    Args:
        inspectors: asked first.
        ages: the run in which each object was born that came with one, by id.
    """

    def inspector(subject: object) -> Judgement | None:
        own = inspect(subject, inspectors)
        if own.verdict is not Verdict.UNKNOWN or id(subject) in ages or not counts(subject):
            return own
        return needed(f"{own.reason}; {THERE_BEFORE}".lstrip("; "))

    return inspector


def counts(subject: object) -> bool:
    """Whether a run would have noted that it made this object."""
    return is_tracked(subject) and not (
        is_class(subject) or is_module(subject) or is_node_of_a_context(type(subject))
    )
