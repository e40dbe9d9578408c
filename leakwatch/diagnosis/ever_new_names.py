"""Attributes and context variables under ever new names: a namespace that is used as a dict.

`setattr(registry, f"session_{n}", session)` gives each survivor a name of its own, and so does
a `ContextVar` made for each object, as the context is never rid of it. A name that
was set in one run, or in few, is no name of a place but a key. So it is in a hunt, whose
runs all do the same work; the tests of a suite do not, and their names are different places.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from leakwatch.diagnosis.signature import signature
from leakwatch.heap.container_names import ANY_KEY
from leakwatch.heap.named import Named
from leakwatch.heap.references import Step
from leakwatch.heap.registry_roots import CONTEXT_VARIABLE
from leakwatch.heap.roots import HeapRoot
from leakwatch.model import Reference

LEAST_NAMES = 3
"""So many names, each of few runs alone, are keys."""


def signature_without_name(
    root: HeapRoot,
    steps: Sequence[Step],
    references: Sequence[Reference],
    target_type: str,
    ages: Mapping[int, int],
) -> str | None:
    """The signature as if the attribute or variable that holds what a run made were an entry.

    Args:
        root: where the path starts.
        steps: the named references.
        references: the same with verdicts.
        target_type: type of the survivor.
        ages: the run in which each object was born that came with one, by id.

    Returns:
        the signature, or None where neither holds it.
    """
    lasting = [i for i, step in enumerate(steps) if id(step.holder) not in ages]
    if not lasting or not steps[lasting[-1]].named.signature_part.startswith("."):
        return None
    entry = replace(steps[lasting[-1]], named=Named(ANY_KEY))
    general = [*steps[: lasting[-1]], entry, *steps[lasting[-1] + 1 :]]
    if lasting[-1] == 0 and root.kind == CONTEXT_VARIABLE:
        root = replace(root, identity=ANY_KEY)
    return signature(root, general, references, target_type)
