"""A retention path as the page shows it: a list of objects from the root to the survivor."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from leakwatch.extending import blocks, remarks
from leakwatch.model import RetentionPath, Verdict, repeated

NEAR = 2
"""Steps shown on either side of what matters: the ends of a path and its suspects."""
WORTH_FOLDING = 4


@dataclass(frozen=True, slots=True)
class Step:
    """One object on a path, with the reference that leads to it.

    Attributes:
        edge: the reference by name; empty for the root and what it holds namelessly.
        suspect: whether that reference is one of those to cut.
        kind: the kind of root, or empty for an ordinary object.
        name: the type, or what the root is called.
        verdict: whether the object is still needed.
        reason: why, or empty.
        repeat: what is said below the last of several equal steps, or empty.
        end: whether it is the survivor.
    """

    edge: str
    suspect: bool
    kind: str
    name: str
    verdict: Verdict
    reason: str
    repeat: str = ""
    end: bool = False


@dataclass(frozen=True, slots=True)
class Stretch:
    """Neighbouring steps, all shown or all folded away.

    Attributes:
        steps: at least one.
        folded: whether they are shown on demand only.
    """

    steps: tuple[Step, ...]
    folded: bool


def stretches(path: RetentionPath, fate: Verdict) -> list[Stretch]:
    """The path, with what is far from its ends and from its suspects folded away.

    Args:
        path: from the root to the survivor.
        fate: the verdict on the survivor.
    """
    steps = [*beginning(path), *rest(path, fate)]
    shown = telling(steps)
    result: list[Stretch] = []
    start = 0
    for index in range(1, len(steps) + 1):
        if index == len(steps) or shown[index] != shown[start]:
            folded = not shown[start] and index - start >= WORTH_FOLDING
            result.append(Stretch(tuple(steps[start:index]), folded))
            start = index
    return result


def telling(steps: list[Step]) -> list[bool]:
    """For each step whether it is near an end, a suspect or a change of the verdict."""
    marks = {0, 1, len(steps) - 1}
    marks |= {index for index, step in enumerate(steps) if step.suspect}
    return [any(abs(index - mark) <= NEAR for mark in marks) for index in range(len(steps))]


def beginning(path: RetentionPath) -> Iterator[Step]:
    """The root, and the first holder where that is another object."""
    first = path.references[0] if path.references else None
    if first is not None and path.root.facts.is_holder:
        yield root_step(path, first.verdict, first.reason)
        return
    yield root_step(path, Verdict.UNKNOWN, "")
    if first is not None:
        yield Step("", False, "", first.holder_type, first.verdict, first.reason)


def root_step(path: RetentionPath, verdict: Verdict, reason: str) -> Step:
    """The root itself."""
    return Step("", False, path.root.kind, path.root.label, verdict, reason)


def rest(path: RetentionPath, fate: Verdict) -> Iterator[Step]:
    """What the references lead to, equal steps in a row taken once."""
    steps = arrivals(path, fate)
    for block, times in blocks(steps):
        yield from block[:-1]
        said = repeated(len(block), times) if times > 1 else ""
        yield replace(block[-1], repeat=said)


def arrivals(path: RetentionPath, fate: Verdict) -> list[Step]:
    """One step a reference, and the survivor's own where no reference leads to it."""
    verdicts, known = [*(it.verdict for it in path.references[1:]), fate], remarks(path)
    steps = [
        Step(reference.name, reference.suspect, "", arrival, verdict, said)
        for (reference, arrival), verdict, said in zip(path.steps(), verdicts, known, strict=False)
    ]
    last = steps.pop() if steps else Step("", False, "", path.target_type, fate, known[-1])
    return [*steps, replace(last, end=True)]
