"""What is to be judged: the request that scopes, checks and hunts make to the session."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from types import CodeType, FrameType
from typing import Protocol

from leakwatch.errors import FaultWarning
from leakwatch.heap.limits import Limits
from leakwatch.isolation.calls import described, is_the_programs, warn
from leakwatch.model import Birth, GrownContainer, Leak, LookTaken, MemoryGrowth, Settling
from leakwatch.report import Report

Review = Callable[[Leak, Mapping[str, Sequence[int]]], Leak | None]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Case:
    """Survivors and what is known about them.

    Attributes:
        name: name of the scope, the work or the question.
        kind: `scope`, `check`, `why`, `hunt`, `growing` or `run`.
        survivors: gives the living objects to explain; called once, inside the analysis.
            None where it is known that nothing is alive.
        doom: why they count as dead, printed behind each.
        births: where they were registered, by id.
        ages: in which run of repeated work they were born, by id.
        every_birth: whether that is known of all objects born meanwhile, survivors or not: what is
            missing there was there before the first run.
        before: what is said of an object that was there before, where not runs were looked at.
        steady: whether a holder that was there before the first run has not become longer, given
            it and how many survivors it has got; those took the place of others.
        grown: containers among the survivors whose entries are the leak, by id.
        insertions: the lines that add to growing containers, by id; None if nobody asked.
        asking: innermost frame of the program that asks.
        returned: a value on its way to the caller, which is in use.
        noted: whether all of a type that were born meanwhile are among the survivors, if they are
            still there; what is not was there before. None where that is known of no type.
        imported: modules first imported meanwhile; what they define is no leak.
        lasting: ids of the asking module's globals when the scope opened.
        exit_callbacks: how many callbacks atexit had when the scope opened; None if unknown.
        busy: identities of threads that work beside; what only they hold is in use.
        kept: frames that may have ended a moment ago; their variables are judged as if they ran.
        owners_only: report only the outermost survivors.
        every_root: report every root that holds a survivor.
        exact_sizes: report what each survivor alone retains.
        garbage: leaks that were found before anything was collected.
        settling: what was done before.
        memory: figures of the process at both ends.
        notes: facts for the report.
        late_notes: gives those that are known only when the leaks are.
        partial: why repeated work ended early, or None; where nothing was found by then, that was
            not judged.
        not_judged: why something could not be judged, or None.
        collected: whether the garbage was collected before; else what only waits for the
            collector is counted and not accused.
        limits: budget of the walk.
        analyse: where to judge: `here`, or in a `fork` of the process.
        review: looks at each leak, with the runs that its survivors were born in by type, and
            returns it, changed perhaps, or None to drop it.
        rank: what leaks are told first by; those of one rank in the order of their size.
    """

    name: str
    kind: str = "scope"
    survivors: Callable[[], list[object]] | None = None
    doom: str = ""
    births: Mapping[int, Birth] = field(default_factory=dict)
    ages: Mapping[int, int] = field(default_factory=dict)
    every_birth: bool = False
    before: str = ""
    steady: Callable[[object, int], bool] | None = None
    grown: Mapping[int, GrownContainer] = field(default_factory=dict)
    insertions: Mapping[int, Birth] | None = None
    asking: FrameType | None = None
    returned: object = None
    noted: Callable[[type], bool] | None = None
    imported: frozenset[str] = frozenset()
    lasting: frozenset[int] = frozenset()
    exit_callbacks: int | None = None
    busy: frozenset[int] = frozenset()
    kept: Sequence[FrameType] = ()
    owners_only: bool = False
    every_root: bool = False
    exact_sizes: bool = False
    garbage: tuple[Leak, ...] = ()
    settling: Settling = field(default_factory=Settling)
    memory: MemoryGrowth | None = None
    notes: tuple[str, ...] = ()
    late_notes: Callable[[], tuple[str, ...]] = tuple
    partial: str | None = None
    not_judged: str | None = None
    collected: bool = True
    limits: Limits = field(default_factory=Limits)
    analyse: str = "here"
    review: Review | None = None
    rank: Callable[[Leak], tuple[int, str]] = lambda _: (0, "")


class Host(Protocol):
    """The session as a scope sees it."""

    @property
    def progress(self) -> Callable[[str], None]:
        """Hears how far repeated work is."""

    def open(self, name: str, *, thorough: bool = False) -> dict[str, int]:
        """Announce work of any kind but a scope; gives the process's figures at its start."""

    def figures(self, start: dict[str, int], *, thorough: bool = False) -> MemoryGrowth | None:
        """Growth of the figures since the start."""

    def begin(self, name: str, *, alone: bool) -> dict[str, int]:
        """Announce a scope; gives the process's figures at its start, where it is their turn."""

    def end(self, start: dict[str, int]) -> MemoryGrowth | None:
        """Growth since the start of a scope, or None where no figures were taken then."""

    def garbage(self, case: Case) -> tuple[Leak, ...]:
        """What of the survivors only the cycle collector frees; to be asked before it runs."""

    def conclude(self, case: Case) -> Report:
        """Judge, announce and return the report."""

    def looked(self, look: LookTaken) -> None:
        """Announce a look of a monitor."""

    def acquit(
        self,
        name: str,
        settling: Settling,
        memory: MemoryGrowth | None,
        notes: tuple[str, ...],
    ) -> Report:
        """Announce and return the report of a scope that has left nothing behind."""


def unanswered(case: Case, reason: str) -> Report:
    """The report of a case that was not judged, or not to its end, for a reason."""
    return Report(
        scope=case.name,
        kind=case.kind,
        memory=case.memory,
        explained_share=0.0,
        partial=reason,
        not_judged="; ".join(filter(None, [case.not_judged, reason])),
        settling=case.settling,
        notes=(*case.notes, *case.late_notes()),
    )


def concluded(host: Host, case: Case) -> Report:
    """The host's report; it names a fault of leakwatch itself, which ends nobody's work."""
    return answered(lambda: host.conclude(case), case.name, case.kind, case.memory)


def acquitted(
    host: Host,
    name: str,
    settling: Settling,
    memory: MemoryGrowth | None,
    notes: tuple[str, ...],
) -> Report:
    """The host's report where nothing is alive; it costs microseconds, so it makes no case."""
    try:
        return host.acquit(name, settling, memory, notes)
    except Exception as fault:
        if is_the_programs(fault):
            raise
        said = described(fault)
    return unjudged(name, "scope", memory, said)


def answered(
    judge: Callable[[], Report],
    name: str,
    kind: str,
    memory: MemoryGrowth | None = None,
    through: Collection[CodeType] = (),
) -> Report:
    """The report, or one that says which fault of leakwatch itself was in the way of it.

    Args:
        judge: gives the report.
        name: of the scope, the work or the question.
        kind: `scope`, `check`, `why` or `hunt`.
        memory: figures of the process that were taken before.
        through: code that calls the program; what comes out of it is raised, as is what a
            signal handler raises.
    """
    try:
        return judge()
    except Exception as fault:
        if is_the_programs(fault, through):
            raise
        said = described(fault)
    # Behind the handler: until its end the traceback keeps lists of the whole heap, and the
    # fault may be want of memory.
    return unjudged(name, kind, memory, said)


def unjudged(name: str, kind: str, memory: MemoryGrowth | None, fault: str) -> Report:
    """Warn of a fault of leakwatch itself, and report it."""
    reason = f"leakwatch itself failed: {fault}"
    warn(f"{kind} {name!r} was not judged: {reason}", FaultWarning, stacklevel=4)
    return Report(name, kind, memory=memory, not_judged=reason)
