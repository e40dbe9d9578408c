"""From traces of single survivors to leaks: all survivors that share a signature."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from leakwatch.diagnosis.inspectors import INSPECTORS, Inspector
from leakwatch.diagnosis.patterns import recognise
from leakwatch.diagnosis.signature import signature
from leakwatch.diagnosis.verdicts import judge_steps
from leakwatch.heap.describe import full_name
from leakwatch.heap.named import Namer
from leakwatch.heap.namespace_roots import IMPORTED, OWN
from leakwatch.heap.question import Trace
from leakwatch.heap.references import NAMERS, name_path
from leakwatch.heap.roots import Wave
from leakwatch.model import Birth, Leak, RetentionPath, Root

NOT_COUNTED = frozenset({IMPORTED, OWN})
"""Roots whose survivors are no leak of the program: what an import made, and our own."""


@dataclass(frozen=True, slots=True)
class Means:
    """With what survivors are diagnosed.

    Attributes:
        doom: why the survivors count as dead, printed behind each.
        inspectors: judge single objects.
        namers: name references.
        births: where survivors were registered, by id.
        ages: in which run of repeated work survivors were born, by id.
    """

    doom: str
    inspectors: Sequence[Inspector] = INSPECTORS
    namers: Sequence[Namer] = NAMERS
    births: Mapping[int, Birth] = field(default_factory=dict)
    ages: Mapping[int, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """Leaks by what they mean.

    Attributes:
        leaks: what should be gone, largest retained size first.
        in_use: held only by the frames of the one who asks.
        imported: number of survivors that belong to modules imported meanwhile.
        ages: for each signature, the runs in which its survivors were born.
    """

    leaks: tuple[Leak, ...] = ()
    in_use: tuple[Leak, ...] = ()
    imported: int = 0
    ages: Mapping[str, Sequence[int]] = field(default_factory=dict)


def diagnose(traces: Iterable[Trace], means: Means) -> Diagnosis:
    """Group traces into leaks.

    Args:
        traces: how each survivor is held; read, not kept.
        means: inspectors, namers and births.

    Returns:
        the leaks, plain data.
    """
    leaks: dict[str, Leak] = {}
    in_use: dict[str, Leak] = {}
    ages: dict[str, list[int]] = {}
    imported = 0
    for trace in traces:
        if trace.root.kind in NOT_COUNTED:
            imported += trace.root.kind == IMPORTED
            continue
        group = in_use if trace.root.wave is Wave.IN_USE else leaks
        one = single(trace, means)
        group[one.signature] = merged(group.get(one.signature), one)
        born = (means.ages.get(found, 0) for found in (id(trace.survivor), *trace.inner))
        ages.setdefault(one.signature, []).extend(born)
    return Diagnosis(ordered(leaks.values()), ordered(in_use.values()), imported, ages)


def single(trace: Trace, means: Means) -> Leak:
    """The leak of one survivor."""
    steps = name_path(trace.root, trace.objects, means.namers)
    references = judge_steps(trace.root, steps, means.inspectors, means.doom)
    name = full_name(trace.survivor)
    root = Root(trace.root.kind, trace.root.label)
    path = RetentionPath(root, references, name, means.doom)
    return Leak(
        type_name=name,
        count=1 + len(trace.inner),
        growth=None,
        shallow_bytes=trace.shallow,
        retained_bytes=trace.retained,
        signature=signature(trace.root, steps, references, name),
        path=path,
        pattern=recognise(path),
        born=means.births.get(id(trace.survivor)),
    )


def merged(known: Leak | None, one: Leak) -> Leak:
    """Add a survivor to its leak; the first one's path stands for all."""
    if known is None:
        return one
    return replace(
        known,
        count=known.count + one.count,
        shallow_bytes=known.shallow_bytes + one.shallow_bytes,
        retained_bytes=known.retained_bytes + one.retained_bytes,
    )


def ordered(leaks: Iterable[Leak]) -> tuple[Leak, ...]:
    """Largest retained size first; the signature decides between equals."""
    return tuple(sorted(leaks, key=lambda leak: (-leak.retained_bytes, leak.signature)))
