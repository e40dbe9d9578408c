"""From single judgements to the suspect references of a path.

The rules are Shark's (`RealLeakTracerFactory`): in a conflict NOT_LEAKING wins, except on
the survivor itself. What is above the lowest NOT_LEAKING is not leaking either, what is
below the first LEAKING leaks as well, and the references in between are suspect.
"""

from collections.abc import Sequence
from dataclasses import replace

from leakwatch.diagnosis.judgement import Inspector, Judgement
from leakwatch.diagnosis.notes import keeps_one_value
from leakwatch.heap.objects import identities, is_exactly
from leakwatch.heap.roots.root import HeapRoot
from leakwatch.heap.structural_types import CONTAINERS
from leakwatch.model import Reference, Verdict
from leakwatch.paths.names.callables import LRU_WRAPPER
from leakwatch.paths.names.references import Step

FIXTURES = CONTAINERS | identities([LRU_WRAPPER])
UNDECIDED = Judgement(Verdict.UNKNOWN)
LEADS_ON = Judgement(Verdict.NOT_LEAKING, "leads to a needed object")
HELD_BY_DEAD = Judgement(Verdict.LEAKING, "held by a dead object")


def judge_steps(
    root: HeapRoot, steps: Sequence[Step], inspectors: Sequence[Inspector], doom: str
) -> tuple[Reference, ...]:
    """Give each reference of a path a verdict on its holder, and mark the suspects.

    Args:
        root: where the path starts.
        steps: the named references.
        inspectors: asked about each holder, in order.
        doom: why the survivor at the end counts as dead.

    Returns:
        one reference for each step.
    """
    judgements = [judge_holder(root, steps, i, inspectors) for i in range(len(steps))]
    judgements = propagate([*judgements, Judgement(Verdict.LEAKING, doom)])
    return tuple(
        replace(reference_of(step, own), suspect=is_suspect(own, following))
        for step, own, following in zip(steps, judgements, judgements[1:], strict=False)
    )


def beyond(
    steps: Sequence[Step], doom: str, inspectors: Sequence[Inspector]
) -> tuple[Reference, ...]:
    """The references behind a survivor, on to something that it holds: none is suspect.

    Args:
        steps: the named references; the survivor is the first holder.
        doom: why the survivor counts as dead.
        inspectors: asked about the other holders.
    """
    judgements = [
        Judgement(Verdict.LEAKING, doom),
        *(inspect(step.holder, inspectors) for step in steps[1:]),
    ]
    return tuple(
        reference_of(step, own) for step, own in zip(steps, propagate_dead(judgements), strict=True)
    )


def reference_of(step: Step, own: Judgement) -> Reference:
    """The reference of a step whose holder was judged so."""
    return Reference(
        step.holder_type,
        step.named.name,
        own.verdict,
        own.reason,
        holder_kind=step.holder_kind,
        state=own.state,
        bounded=keeps_one_value(step),
    )


def judge_holder(
    root: HeapRoot, steps: Sequence[Step], index: int, inspectors: Sequence[Inspector]
) -> Judgement:
    """The verdict on the holder of one reference, before propagation."""
    step = steps[index]
    if step.holder is None:
        reason = root.facts.lasts
        return Judgement(Verdict.NOT_LEAKING, reason) if reason else UNDECIDED
    if index == 1 and steps[0].holder is None and is_fixture_of_namespace(root, step):
        return Judgement(Verdict.NOT_LEAKING, f"a container that the {root.facts} names")
    return inspect(step.holder, inspectors)


def is_fixture_of_namespace(root: HeapRoot, step: Step) -> bool:
    """Whether a module, class or thread-local names a plain container: a registry."""
    return root.facts.made_by_import and is_exactly(step.holder, FIXTURES)


def state_of(survivor: object, inspectors: Sequence[Inspector], doom: str) -> Judgement:
    """Why the survivor counts as dead, and what an inspector says of it; the doom wins."""
    own = inspect(survivor, inspectors)
    reason = f"{doom}; {own.reason}" if own.reason else doom
    return Judgement(Verdict.LEAKING, reason, own.state)


def inspect(subject: object, inspectors: Sequence[Inspector]) -> Judgement:
    """What the inspectors say of an object: NOT_LEAKING before LEAKING before UNKNOWN."""
    answers = [answer for inspector in inspectors if (answer := inspector(subject))]
    for wanted in (Verdict.NOT_LEAKING, Verdict.LEAKING):
        for answer in answers:
            if answer.verdict is wanted:
                return answer
    return answers[0] if answers else UNDECIDED


def asked_once(inspectors: Sequence[Inspector]) -> list[Inspector]:
    """One inspector with the answers of all, who are asked once about each object.

    Thousands of paths lead through the same few holders. It remembers objects by their ids,
    so it must not be asked after the analysis that keeps them alive.
    """
    answers: dict[int, Judgement] = {}

    def asked(subject: object) -> Judgement:
        answer = answers.get(id(subject))
        if answer is None:
            answer = answers[id(subject)] = inspect(subject, inspectors)
        return answer

    return [asked]


def propagate(judgements: Sequence[Judgement]) -> list[Judgement]:
    """Extend NOT_LEAKING upwards and LEAKING downwards; the survivor at the end is dead."""
    needed = max(positions(judgements, Verdict.NOT_LEAKING), default=-1)
    dead = min(i for i in positions(judgements, Verdict.LEAKING) if i > needed)
    above = [own if is_needed(own) else LEADS_ON for own in judgements[: needed + 1]]
    return [*above, *judgements[needed + 1 : dead], *propagate_dead(judgements[dead:])]


def propagate_dead(judgements: Sequence[Judgement]) -> list[Judgement]:
    """What is below something dead leaks as well."""
    return [own if own.verdict is Verdict.LEAKING else HELD_BY_DEAD for own in judgements]


def positions(judgements: Sequence[Judgement], verdict: Verdict) -> list[int]:
    """Where a verdict was given."""
    return [i for i, own in enumerate(judgements) if own.verdict is verdict]


def is_needed(own: Judgement) -> bool:
    """Whether the verdict is NOT_LEAKING."""
    return own.verdict is Verdict.NOT_LEAKING


def is_suspect(holder: Judgement, held: Judgement) -> bool:
    """Whether the reference between two objects may be the one to cut."""
    return holder.verdict is not Verdict.LEAKING and held.verdict is not Verdict.NOT_LEAKING
