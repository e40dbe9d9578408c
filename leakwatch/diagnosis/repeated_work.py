"""What the age of a holder says: repeated work did not make what was there before it.

A hunt asks what each run adds. Whatever was there when the first run began, and is there
still, was added by none of them, so what grows is below it. When an object was born is state
that no bug can set.

Nor is a name that few runs have set the name of a place: `setattr(registry, f"session_{n}", it)`
uses a namespace as a dict, and so does a `ContextVar` made for each object, as the context is
never rid of it. So it is in a hunt, whose runs all do the same work. The tests of a suite do not,
and their names are different places, unless they differ in a number only.
"""

from collections.abc import Container, Mapping, Sequence
from dataclasses import replace

from leakwatch.diagnosis.judgement import Inspector, Judgement
from leakwatch.diagnosis.verdicts import inspect
from leakwatch.heap.objects import is_class, is_module
from leakwatch.heap.roots.root import HeapRoot
from leakwatch.heap.structural_types import is_node_of_a_context
from leakwatch.interpreter import is_tracked
from leakwatch.model import Verdict
from leakwatch.paths.names.containers import ANY_KEY
from leakwatch.paths.names.name import Named
from leakwatch.paths.names.references import Step

THERE_BEFORE = "was there before the first run"


def with_ages(inspectors: Sequence[Inspector], ages: Mapping[int, int], why: str = "") -> Inspector:
    """An inspector that asks some others, and then the age of what they do not decide.

    Args:
        inspectors: asked first.
        ages: the run in which each object was born that came with one, by id.
        why: what is said of an object that was there before; empty for what is said of runs.
    """

    def inspector(subject: object) -> Judgement | None:
        own = inspect(subject, inspectors)
        if own.verdict is not Verdict.UNKNOWN or id(subject) in ages or not counts(subject):
            return own
        reason = f"{own.reason}; {why or THERE_BEFORE}".lstrip("; ")
        return Judgement(Verdict.NOT_LEAKING, reason, own.state)

    return inspector


def counts(subject: object) -> bool:
    """Whether a run would have noted that it made this object."""
    return is_tracked(subject) and not (
        is_class(subject) or is_module(subject) or is_node_of_a_context(type(subject))
    )


LEAST_NAMES = 3
"""So many names, each of few runs alone, are keys."""


def without_name(
    root: HeapRoot, steps: Sequence[Step], born: Container[int]
) -> tuple[HeapRoot, list[Step], int] | None:
    """A path as if the attribute or variable that holds what a run made were an entry.

    Args:
        root: where the path starts.
        steps: the named references.
        born: ids of what the work has made.

    Returns:
        the root, the references and the position of the one; None where neither holds it.
    """
    lasting = [i for i, step in enumerate(steps) if id(step.holder) not in born]
    if not lasting or not steps[lasting[-1]].named.signature_part.startswith("."):
        return None
    cut = lasting[-1]
    entry = replace(steps[cut], named=Named(ANY_KEY))
    if cut == 0 and root.facts.is_variable:
        root = replace(root, identity=ANY_KEY)
    return root, [*steps[:cut], entry, *steps[cut + 1 :]], cut
