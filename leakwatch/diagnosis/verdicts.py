"""What is known of a named path: verdicts and suspects.

The rules of verdicts are Shark's (`RealLeakTracerFactory`): in a conflict NOT_LEAKING wins, except
on the survivor itself. What is above the lowest NOT_LEAKING is not leaking either, what is below
the first LEAKING leaks as well, and the references in between are suspect.
"""

from collections.abc import Sequence

from leakwatch.diagnosis.judgement import Inspector, Judgement
from leakwatch.diagnosis.notes import is_cached_property, takes_no_argument
from leakwatch.heap.objects import identities, is_exactly
from leakwatch.heap.roots.root import HeapRoot
from leakwatch.heap.structural_types import CONTAINERS
from leakwatch.heap.tasks import await_chain
from leakwatch.model import Reference, Verdict
from leakwatch.model.root_kinds import HolderKind
from leakwatch.paths.names.name import LRU_WRAPPER
from leakwatch.paths.names.references import Step

FIXTURES = CONTAINERS | identities([LRU_WRAPPER])
UNDECIDED = Judgement(Verdict.UNKNOWN)
LEADS_ON = Judgement(Verdict.NOT_LEAKING, "leads to a needed object")
HELD_BY_DEAD = Judgement(Verdict.LEAKING, "held by a dead object")


def judge_steps(
    root: HeapRoot, steps: Sequence[Step], inspectors: Sequence[Inspector], why_dead: str
) -> tuple[Reference, ...]:
    """Give each reference of a path a verdict on its holder, and mark the suspects.

    Args:
        root: where the path starts.
        steps: the named references.
        inspectors: asked about each holder, in order.
        why_dead: why the survivor at the end counts as dead.

    Returns:
        one reference for each step.
    """
    judgements = [judge_holder(root, steps, i, inspectors) for i in range(len(steps))]
    judgements = propagate([*judgements, Judgement(Verdict.LEAKING, why_dead)])
    return tuple(
        reference_of(step, own, suspect=is_suspect(own, following))
        for step, own, following in zip(steps, judgements, judgements[1:], strict=False)
    )


def beyond(
    steps: Sequence[Step], why_dead: str, inspectors: Sequence[Inspector]
) -> tuple[Reference, ...]:
    """The references behind a survivor, on to something that it holds: none is suspect.

    Args:
        steps: the named references; the survivor is the first holder.
        why_dead: why the survivor counts as dead.
        inspectors: asked about the other holders.
    """
    judgements = [inspect(step.holder, inspectors) for step in steps[1:]]
    dead = [own if own.verdict is Verdict.LEAKING else HELD_BY_DEAD for own in judgements]
    dead.insert(0, Judgement(Verdict.LEAKING, why_dead))
    return tuple(reference_of(step, own) for step, own in zip(steps, dead, strict=True))


def reference_of(step: Step, own: Judgement, *, suspect: bool = False) -> Reference:
    """The reference of a step whose holder was judged so."""
    is_cache = type(step.holder) is LRU_WRAPPER
    bounded = takes_no_argument(step.holder) if is_cache else is_cached_property(step)
    return Reference(
        step.holder_type,
        step.named.name,
        own.verdict,
        own.reason,
        suspect,
        step.holder_kind,
        own.state,
        bounded,
        awaited_by(step.holder_kind, step.holder),
    )


def awaited_by(kind: HolderKind, subject: object) -> tuple[str, ...]:
    """The tasks that await a task, nearest first; none of what is no task."""
    return await_chain(subject) if kind is HolderKind.TASK else ()


def judge_holder(
    root: HeapRoot, steps: Sequence[Step], index: int, inspectors: Sequence[Inspector]
) -> Judgement:
    """The verdict on the holder of one reference, before propagation."""
    step = steps[index]
    if step.holder is None:
        reason = root.facts.lasts
        return Judgement(Verdict.NOT_LEAKING, reason) if reason else UNDECIDED
    # A module, class or thread-local that names a plain container makes a registry of it.
    names_it = index == 1 and steps[0].holder is None and root.facts.made_by_import
    if names_it and is_exactly(step.holder, FIXTURES):
        return Judgement(Verdict.NOT_LEAKING, f"a container that the {root.facts.name} names")
    return inspect(step.holder, inspectors)


def inspect(subject: object, inspectors: Sequence[Inspector]) -> Judgement:
    """What the inspectors say of an object: NOT_LEAKING before LEAKING before UNKNOWN."""
    answers = [answer for inspector in inspectors if (answer := inspector(subject))]
    if len(answers) < 2:
        return answers[0] if answers else UNDECIDED
    for wanted in (Verdict.NOT_LEAKING, Verdict.LEAKING):
        for answer in answers:
            if answer.verdict is wanted:
                return answer
    return answers[0]


def with_survivors(
    inspectors: Sequence[Inspector], survivors: frozenset[int], why_dead: str
) -> Inspector:
    """An inspector that asks some others, and then whether the object is a survivor itself.

    Args:
        inspectors: asked first.
        survivors: ids of all that should be gone.
        why_dead: why they count as dead.
    """

    def inspector(subject: object) -> Judgement:
        own = inspect(subject, inspectors)
        if own.verdict is Verdict.UNKNOWN and id(subject) in survivors:
            return Judgement(Verdict.LEAKING, why_dead, own.state)
        return own

    return inspector


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
    """Extend NOT_LEAKING upwards and LEAKING downwards; something LEAKING is below all needed."""
    verdicts = [own.verdict for own in judgements]
    needed = max((i for i, it in enumerate(verdicts) if it is Verdict.NOT_LEAKING), default=-1)
    dead = verdicts.index(Verdict.LEAKING, needed + 1)
    above, below = judgements[: needed + 1], judgements[dead:]
    return [
        *(own if own.verdict is Verdict.NOT_LEAKING else LEADS_ON for own in above),
        *judgements[needed + 1 : dead],
        *(own if own.verdict is Verdict.LEAKING else HELD_BY_DEAD for own in below),
    ]


def is_suspect(holder: Judgement, held: Judgement) -> bool:
    """Whether the reference between two objects may be the one to cut."""
    return holder.verdict is not Verdict.LEAKING and held.verdict is not Verdict.NOT_LEAKING
