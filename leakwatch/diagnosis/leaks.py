"""From traces of single survivors to leaks: all survivors that share a signature."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from leakwatch.diagnosis.inspectors import INSPECTORS, Inspector
from leakwatch.diagnosis.judgement import Judgement
from leakwatch.diagnosis.notes import notes_on
from leakwatch.diagnosis.patterns import recognise
from leakwatch.diagnosis.repeated_work import LEAST_NAMES, signature_without_name, with_ages
from leakwatch.diagnosis.retained_types import Companies, with_company
from leakwatch.diagnosis.signature import signature
from leakwatch.diagnosis.verdicts import judge_steps, state_of
from leakwatch.heap.roots.root import HeapRoot
from leakwatch.heap.secrets import masked
from leakwatch.model import (
    Birth,
    GrownContainer,
    HolderKind,
    Leak,
    RetentionPath,
    Root,
    Verdict,
    Wave,
)
from leakwatch.paths.names.containers import ANY_KEY
from leakwatch.paths.names.name import Named, Namer
from leakwatch.paths.names.references import NAMERS, Step, name_path
from leakwatch.paths.names.types import described, full_name
from leakwatch.paths.question import Trace
from leakwatch.report import largest_first, with_more

MOST_REASONS = 3
"""Different reasons told for one leak."""
UNTOLD = (
    "the line that adds it cannot be told: no line was seen after which a container on its path "
    "had grown; each run may make a new one, or C code or a thread that runs already fill it"
)


Group = tuple[bool, str]
"""Whether it is in use, and the signature."""


@dataclass(frozen=True, slots=True)
class Means:
    """With what survivors are diagnosed.

    Attributes:
        doom: why the survivors count as dead, printed behind each.
        inspectors: judge single objects.
        namers: name references.
        births: where survivors were registered, by id.
        ages: in which run of repeated work survivors were born, by id.
        every_birth: whether what is missing there was there before the first run.
        grown: containers among the survivors whose entries are the leak, by id.
        insertions: the lines that add to growing containers, by id; None if nobody asked.
    """

    doom: str
    inspectors: Sequence[Inspector] = INSPECTORS
    namers: Sequence[Namer] = NAMERS
    births: Mapping[int, Birth] = field(default_factory=dict)
    ages: Mapping[int, int] = field(default_factory=dict)
    every_birth: bool = False
    grown: Mapping[int, GrownContainer] = field(default_factory=dict)
    insertions: Mapping[int, Birth] | None = None


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """Leaks by what they mean.

    Attributes:
        leaks: what should be gone, largest retained size first.
        in_use: held only by the frames of the one who asks.
        imported: number of survivors that belong to modules imported meanwhile.
        ages: for each signature, the runs in which its survivors were born.
        shared: bytes that several survivors hold and none alone; None if sizes are not exact.
    """

    leaks: tuple[Leak, ...] = ()
    in_use: tuple[Leak, ...] = ()
    imported: int = 0
    ages: Mapping[str, Sequence[int]] = field(default_factory=dict)
    shared: int | None = None


def diagnose(traces: Iterable[Trace], means: Means) -> Diagnosis:
    """Group traces into leaks.

    Args:
        traces: how each survivor is held; read, not kept.
        means: inspectors, namers and births.

    Returns:
        the leaks, plain data.
    """
    groups: dict[Group, Leak] = {}
    named: dict[object, Leak] = {}
    ages: dict[str, list[int]] = {}
    companies: dict[Group, Companies] = {}
    imported = 0
    for trace in traces:
        if not trace.root.facts.is_counted:
            imported += trace.root.wave is Wave.IMPORTED
            continue
        one = single(trace, means, named)
        used = trace.root.wave is Wave.IN_USE or trace.root.in_use
        if trace.again and ((used, one.signature) in groups or (not used, one.signature) in groups):
            continue
        group = (used, one.signature)
        groups[group] = merged(groups.get(group), one)
        companies.setdefault(group, Companies(trace)).add(trace)
        ages.setdefault(one.signature, []).extend(ages_of(trace, means))
    if means.every_birth:
        join_ever_new_names(groups, companies, ages, means)
    for group, leak in groups.items():
        groups[group] = with_company(leak, companies[group], means.inspectors, means.namers)
    in_use = [leak for (used, _), leak in groups.items() if used]
    leaks = [leak for (used, _), leak in groups.items() if not used]
    return Diagnosis(largest_first(leaks), largest_first(in_use), imported, ages)


def join_ever_new_names(
    groups: dict[Group, Leak],
    companies: dict[Group, Companies],
    ages: dict[str, list[int]],
    means: Means,
) -> None:
    """Make one leak of those that differ in a name which only few of the runs have set."""
    families: dict[str, list[Group]] = {}
    few = fewest(ages.values())
    for group in groups:
        used, one = group
        if not used and len(set(ages[one])) <= few:
            general = family_of(companies[group].first, means)
            if general is not None:
                families.setdefault(general, []).append(group)
    for general, members in families.items():
        if len(members) >= LEAST_NAMES:
            join(general, members, groups, companies)
            ages[general] = [age for _, one in members for age in ages.pop(one)]


def fewest(ages: Iterable[Sequence[int]]) -> int:
    """How many runs may set a name that is no name of a place.

    One, or a tenth of the runs: an address in a name comes again.
    """
    last = max((age for runs in ages for age in runs), default=0)
    return max(1, last // 10)


def join(
    general: str,
    members: Sequence[Group],
    groups: dict[Group, Leak],
    companies: dict[Group, Companies],
) -> None:
    """Put one leak, under a signature without the name, in the place of several."""
    family = (False, general)
    joined = companies[members[0]]
    for member in members:
        leak = replace(groups.pop(member), signature=general)
        groups[family] = merged(groups.get(family), leak)
        joined.join(companies.pop(member))
    companies[family] = joined


def family_of(trace: Trace, means: Means) -> str | None:
    """The signature of a survivor without the name that holds it, or None without such a name."""
    if id(trace.survivor) in means.grown:
        return None
    steps = name_path(trace.root, chain_of(trace, means), means.namers)
    references = judge_steps(trace.root, steps, means.inspectors, means.doom)
    name = full_name(trace.survivor)
    return signature_without_name(trace.root, steps, references, name, means.ages)


def ages_of(trace: Trace, means: Means) -> list[int]:
    """The runs in which a survivor and its kin were born."""
    grown = means.grown.get(id(trace.survivor))
    if grown is not None:
        return grown.ages
    return [means.ages.get(found, 0) for found in (id(trace.survivor), *trace.inner)]


def born_of(trace: Trace, means: Means) -> Birth | None:
    """Where a survivor was registered, with the reason that the program gave."""
    born = means.births.get(id(trace.survivor))
    return replace(born, reason=masked(born.reason)) if born is not None and born.reason else born


def single(trace: Trace, means: Means, named: dict[object, Leak]) -> Leak:
    """The leak of one survivor; of those held alike only the first is named and judged."""
    grown = means.grown.get(id(trace.survivor))
    if grown is not None:
        entry = explained(trace, means, grown)
        size = grown.size
        born = born_of(trace, means)
        return replace(
            entry, count=grown.entries, shallow_bytes=size, retained_bytes=size, born=born
        )
    like = named.get(trace.shape) if trace.shape is not None else None
    if like is None:
        like = explained(trace, means)
        if trace.shape is not None:
            named[trace.shape] = like
    born = born_of(trace, means)
    return replace(
        like,
        count=1 + len(trace.inner),
        shallow_bytes=trace.shallow,
        retained_bytes=trace.retained,
        reasons=(*like.reasons, born.reason) if born is not None and born.reason else like.reasons,
        born=born,
    )


def explained(trace: Trace, means: Means, grown: GrownContainer | None = None) -> Leak:
    """Name a survivor's path, judge what is on it and recognise the mistake.

    Of a container that grew, the survivors are its entries, one step further.
    """
    chain = chain_of(trace, means)
    steps = name_path(trace.root, chain, means.namers)
    name, (kind, target) = full_name(trace.survivor), described(trace.survivor)
    if grown is not None:
        steps.append(Step(trace.survivor, target, Named(ANY_KEY), kind))
        name = target = grown.type_name
        kind, own = HolderKind.INSTANCE, Judgement(Verdict.LEAKING, means.doom)
    else:
        own = state_of(trace.survivor, means.inspectors, means.doom)
    references = judge_steps(trace.root, steps, means.inspectors, own.reason)
    # Threads, loggers and variables are named by the program.
    root = Root(trace.root.facts.name, masked(trace.root.label), trace.root.state)
    path = RetentionPath(root, references, target, own.reason, kind, own.state)
    inserted = insertion_on(chain, means)
    return Leak(
        type_name=name,
        count=1,
        growth=None,
        shallow_bytes=0,
        retained_bytes=0,
        signature=signature(trace.root, steps, references, name),
        path=narrowed(path, trace.root, steps, means),
        pattern=recognise(path),
        reasons=(*notes_on(steps), *untold(inserted, means)),
        inserted=inserted,
    )


def insertion_on(chain: Sequence[object], means: Means) -> Birth | None:
    """The line that adds to the last container of a path that grows, if it was seen."""
    seen = means.insertions or {}
    return next((seen[id(found)] for found in reversed(chain) if id(found) in seen), None)


def untold(inserted: Birth | None, means: Means) -> Sequence[str]:
    """Why there is no such line, where one was asked for."""
    return () if inserted is not None or means.insertions is None else (UNTOLD,)


def narrowed(
    path: RetentionPath, root: HeapRoot, steps: Sequence[Step], means: Means
) -> RetentionPath:
    """The path with fewer suspects, where the age of every object is known.

    Signature and pattern are taken before: a scope, which knows no ages, finds the same.
    """
    if not means.every_birth:
        return path
    aged = [with_ages(means.inspectors, means.ages)]
    return replace(path, references=judge_steps(root, steps, aged, path.target_reason))


def chain_of(trace: Trace, means: Means) -> Sequence[object]:
    """The objects of the path to print.

    Where each run hangs its survivor on the one of the run before, the link between two of
    them is the answer, and not what holds the outermost.
    """
    own = means.ages.get(id(trace.survivor))
    if all(means.ages.get(kin) == own for kin in trace.inner):
        return trace.route.to_survivor()
    return trace.route.to_kin(trace.inner[0])


def merged(known: Leak | None, one: Leak) -> Leak:
    """Add a survivor to its leak; the first one's path stands for all."""
    if known is None:
        return one
    return replace(
        with_more(known, one),
        born=known.born or one.born,
        reasons=tuple(dict.fromkeys((*known.reasons, *one.reasons)))[:MOST_REASONS],
    )
