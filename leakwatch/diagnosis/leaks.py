"""From traces of single survivors to leaks: all survivors that share a signature."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from leakwatch.diagnosis.inspectors import INSPECTORS, Inspector
from leakwatch.diagnosis.patterns import recognise
from leakwatch.diagnosis.repeated_work import LEAST_NAMES, signature_without_name, with_ages
from leakwatch.diagnosis.retained_types import RetainedTypes, with_retained_types
from leakwatch.diagnosis.verdicts import awaited_by, inspect, judge_steps, notes_on, signature
from leakwatch.heap.keys import masked
from leakwatch.model import Birth, GrownContainer, Leak, RetentionPath, Root
from leakwatch.model.root_kinds import HolderKind, Wave
from leakwatch.paths.names.containers import ANY_KEY
from leakwatch.paths.names.name import Named, Namer, described, full_name
from leakwatch.paths.names.references import NAMERS, Step, name_path
from leakwatch.paths.question import Trace
from leakwatch.report import largest_first

MOST_REASONS = 3
"""Different reasons reported of one leak."""
NO_LINE = (
    "the line that adds it cannot be told: no line was seen after which a container on its path "
    "had grown; each run may make a new one, or C code or a thread that runs already fill it"
)

Group = tuple[bool, str]
"""Whether it is in use, and the signature."""


@dataclass(frozen=True, slots=True)
class Tools:
    """With what survivors are diagnosed.

    Attributes:
        why_dead: why the survivors count as dead, printed behind each.
        inspectors: judge single objects.
        namers: name references.
        births: where survivors were registered, by id.
        ages: in which run of repeated work survivors were born, by id.
        every_birth: whether what is missing there was there before the first run.
        grown: containers among the survivors whose entries are the leak, by id.
        insertions: the lines that add to growing containers, by id; None if nobody asked.
    """

    why_dead: str
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
        in_use: held only by the frames of the caller.
        imported: number of survivors that belong to modules imported meanwhile.
        ages: for each signature, the runs in which its survivors were born.
        shared: bytes that several survivors hold and none alone; None if sizes are not exact.
    """

    leaks: tuple[Leak, ...] = ()
    in_use: tuple[Leak, ...] = ()
    imported: int = 0
    ages: Mapping[str, Sequence[int]] = field(default_factory=dict)
    shared: int | None = None


class Finding:
    """All survivors with one signature, added up; the first one's path stands for all.

    Attributes:
        first: the trace of the first.
        retained_types: what all of them retain, by type.
        ages: the runs in which they were born.
    """

    __slots__ = (
        "_born",
        "_count",
        "_leak",
        "_reasons",
        "_retained",
        "_shallow",
        "ages",
        "first",
        "retained_types",
    )

    def __init__(self, leak: Leak, first: Trace) -> None:
        """Start with what is said of all: path, pattern and reasons of the first survivor."""
        self._leak = leak
        self._reasons = dict.fromkeys(leak.reasons)
        self._born: Birth | None = None
        self._count = self._shallow = self._retained = 0
        self.first = first
        self.retained_types = RetainedTypes()
        self.ages: list[int] = []

    def add(self, trace: Trace, tools: Tools) -> None:
        """Count one survivor, with those of its type that it alone holds."""
        number = id(trace.survivor)
        grown = tools.grown.get(number)
        if grown is None:
            self._count += 1 + len(trace.nested)
            self._shallow += trace.shallow
            self._retained += trace.retained
            self.ages += [tools.ages.get(found, 0) for found in (number, *trace.nested)]
        else:
            self._count += grown.entries
            self._shallow += grown.size
            self._retained += grown.size
            self.ages += grown.ages
        born = tools.births.get(number)
        if born is not None and born.reason:
            born = replace(born, reason=masked(born.reason))
            if grown is None:
                self._reasons[born.reason] = None
        self._born = self._born or born
        self.retained_types.add(trace)

    def join(self, other: "Finding") -> None:
        """Count the survivors of another finding too."""
        self._count += other._count
        self._shallow += other._shallow
        self._retained += other._retained
        self._reasons |= other._reasons
        self._born = self._born or other._born
        self.ages += other.ages
        self.retained_types.join(other.retained_types)

    def leak(self, signature: str, tools: Tools) -> Leak:
        """The leak of all."""
        whole = replace(
            self._leak,
            count=self._count,
            shallow_bytes=self._shallow,
            retained_bytes=self._retained,
            signature=signature,
            reasons=tuple(self._reasons)[:MOST_REASONS],
            born=self._born,
        )
        types = self.retained_types
        return with_retained_types(whole, types, self.first, tools.inspectors, tools.namers)


def diagnose(traces: Iterable[Trace], tools: Tools) -> Diagnosis:
    """Group traces into leaks.

    Args:
        traces: how each survivor is held; read, not kept.
        tools: inspectors, namers and births.

    Returns:
        the leaks, plain data.
    """
    findings: dict[Group, Finding] = {}
    known: dict[object, Leak] = {}
    imported = 0
    for trace in traces:
        if not trace.root.facts.is_counted:
            imported += trace.root.wave is Wave.IMPORTED
            continue
        like = like_of(trace, tools, known)
        in_use = trace.root.wave is Wave.IN_USE or trace.root.in_use
        group = (in_use, like.signature)
        if trace.repeated and (group in findings or (not in_use, like.signature) in findings):
            continue
        if group not in findings:
            findings[group] = Finding(like, trace)
        findings[group].add(trace, tools)
    if tools.every_birth:
        join_ever_new_names(findings, tools)
    leaks: dict[bool, list[Leak]] = {True: [], False: []}
    for (in_use, one), finding in findings.items():
        leaks[in_use].append(finding.leak(one, tools))
    ages = {one: finding.ages for (in_use, one), finding in findings.items() if not in_use}
    return Diagnosis(largest_first(leaks[False]), largest_first(leaks[True]), imported, ages)


def join_ever_new_names(findings: dict[Group, Finding], tools: Tools) -> None:
    """Merge findings that differ only in a generated name, which only few of the runs have set."""
    families: dict[str, list[Group]] = {}
    few = fewest(finding.ages for finding in findings.values())
    for group, finding in findings.items():
        in_use, _ = group
        if not in_use and len(set(finding.ages)) <= few:
            general = signature_of_family(finding.first, tools)
            if general is not None:
                families.setdefault(general, []).append(group)
    for general, members in families.items():
        if len(members) >= LEAST_NAMES:
            whole, *others = [findings.pop(member) for member in members]
            for other in others:
                whole.join(other)
            findings[False, general] = whole


def fewest(ages: Iterable[Sequence[int]]) -> int:
    """How many runs may set a name that is no name of a place.

    One, or a tenth of the runs: an address in a name comes again.
    """
    last = max((age for runs in ages for age in runs), default=0)
    return max(1, last // 10)


def signature_of_family(trace: Trace, tools: Tools) -> str | None:
    """The signature of a survivor without the name that holds it, or None without such a name."""
    if id(trace.survivor) in tools.grown:
        return None
    steps = name_path(trace.root, chain_of(trace, tools), tools.namers)
    references = judge_steps(trace.root, steps, tools.inspectors, tools.why_dead)
    name = full_name(trace.survivor)
    return signature_without_name(trace.root, steps, references, name, tools.ages)


def like_of(trace: Trace, tools: Tools, known: dict[object, Leak]) -> Leak:
    """What is said of a survivor; of those held alike only the first is named and judged."""
    if trace.shape is None or id(trace.survivor) in tools.grown:
        return explained(trace, tools)
    like = known.get(trace.shape)
    if like is None:
        like = known[trace.shape] = explained(trace, tools)
    return like


def explained(trace: Trace, tools: Tools) -> Leak:
    """Name a survivor's path, judge what is on it and recognise the mistake.

    Of a container that grew, the survivors are its entries, one step further.
    """
    chain = chain_of(trace, tools)
    steps = name_path(trace.root, chain, tools.namers)
    name, (kind, target) = full_name(trace.survivor), described(trace.survivor)
    grown = tools.grown.get(id(trace.survivor))
    if grown is None:
        own = inspect(trace.survivor, tools.inspectors)
        why_dead = f"{tools.why_dead}; {own.reason}" if own.reason else tools.why_dead
        state = own.state
    else:
        steps.append(Step(trace.survivor, target, Named(ANY_KEY), kind))
        name = target = grown.type_name
        kind, why_dead, state = HolderKind.INSTANCE, tools.why_dead, ""
    references = judge_steps(trace.root, steps, tools.inspectors, why_dead)
    # Threads, loggers and variables are named by the program.
    root = Root(trace.root.facts.name, masked(trace.root.label), trace.root.state)
    waiting = awaited_by(kind, trace.survivor)
    path = RetentionPath(root, references, target, why_dead, kind, state, waiting)
    one, pattern = signature(trace.root, steps, references, name), recognise(path)
    if tools.every_birth:
        # Fewer suspects, where the age of every object is known. Signature and pattern are taken
        # before: a scope, which knows no ages, finds the same.
        aged = [with_ages(tools.inspectors, tools.ages)]
        path = replace(path, references=judge_steps(trace.root, steps, aged, why_dead))
    # The line that adds to the last container of the path that grows.
    lines = tools.insertions or {}
    inserted = next((lines[id(it)] for it in reversed(chain) if id(it) in lines), None)
    no_line = [NO_LINE] if inserted is None and tools.insertions is not None else []
    reasons = (*notes_on(steps), *no_line)
    return Leak(name, 1, None, 0, 0, one, path, pattern, reasons, inserted=inserted)


def chain_of(trace: Trace, tools: Tools) -> Sequence[object]:
    """The objects of the path to print.

    Where each run hangs its survivor on the one of the run before, the link between two of
    them is the answer, and not what holds the outermost.
    """
    own = tools.ages.get(id(trace.survivor))
    if all(tools.ages.get(nested) == own for nested in trace.nested):
        return trace.route.to_survivor()
    return trace.route.to_nested(trace.nested[0])
