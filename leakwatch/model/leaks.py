"""A leak and what belongs to it: its path, its types, its pattern."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import TYPE_CHECKING, TypeVar

from leakwatch.model.places import Place

if TYPE_CHECKING:
    from leakwatch.model.root_kinds import RootKind


class Verdict(StrEnum):
    """Whether an object on a retention path is still needed; never given without a reason."""

    NOT_LEAKING = "NOT_LEAKING"
    LEAKING = "LEAKING"
    UNKNOWN = "UNKNOWN"


class State(StrEnum):
    """In which state an object or a root was found, where that decides anything.

    Fields that hold one are plain text: an inspector of a plugin may have words of its own.
    """

    OPEN = "open"
    """A resource that was never closed, shut down or cleaned up."""
    CLOSED = "closed"
    PENDING = "pending"
    """A task or future that waits."""
    FINISHED = "finished"
    """A task or future with a result."""
    SUSPENDED = "suspended"
    """A generator or coroutine that was not run to its end."""
    RAISED = "raised"
    """An exception with its traceback."""
    FINALIZER = "finalizer"
    """Its class has a `__del__` written in Python."""
    REGISTERED_MEANWHILE = "registered meanwhile"
    """Native code holds it, and atexit alone is known to have got a new callback."""
    WRAPPER = "wrapper"
    """A function, or an object in its place, that wraps another one, as decorators make it."""
    HOLDS_ITS_KEY = "holds its key"
    """A weak mapping in which a value leads back to its key."""
    SMALL_VIEW = "small view"
    """What it retains is for the most part a buffer of which it shows little."""
    WORKER = "worker"
    """A function that runs in another thread than the main one."""


@dataclass(frozen=True, slots=True)
class Root:
    """Where a chain of strong references starts.

    Attributes:
        kind: the kind of root, such as `module global`, `running frame` or `native code`.
        label: which one: a module's name, a frame's function and line, a signal's name.
        state: what else is known of it, a `State`; empty where nothing is.
    """

    kind: str
    label: str
    state: str = ""

    @property
    def facts(self) -> "RootKind":
        """What is decided by the kind."""
        return facts_of(self.kind)

    def __str__(self) -> str:
        return f"{self.kind} {self.label}".rstrip()


@lru_cache(256)
def facts_of(kind: str) -> "RootKind":
    """What is decided by a kind of root; asked for hundreds of times a leak."""
    # Here, not above: `import leakwatch` needs no kinds.
    from leakwatch.model.root_kinds import root_kind

    return root_kind(kind)


HELD_INSIDE = ".<held inside "
"""How a reference is named that only C knows."""
LOCAL = ".<local "
"""How a variable of a function that waits, or has stopped, is named."""


@dataclass(frozen=True, slots=True)
class Reference:
    """One strong reference on a retention path.

    Attributes:
        holder_type: `module.qualname` of the object that holds the reference.
        name: the reference as Python would write it: `.owner`, `['u42']`, `[3]`.
        verdict: whether the holder is still needed.
        reason: why the verdict was given; empty for `UNKNOWN` without any evidence.
        suspect: true between the last holder known to be needed and the first known dead.
        holder_kind: a `HolderKind`; empty where a report has none.
        state: a `State` of the holder, or empty.
        bounded: the place has room for one value, whatever is done again: a cached property, the
            cache of a function without arguments.
        awaited_by: of a holder that is a task, the tasks that await it, nearest first, each as its
            coroutine and the line at which that waits.
        cut: whether this is the one to cut: all that is told of a leak hangs on it.
    """

    holder_type: str
    name: str
    verdict: Verdict = Verdict.UNKNOWN
    reason: str = ""
    suspect: bool = False
    holder_kind: str = ""
    state: str = ""
    bounded: bool = False
    awaited_by: tuple[str, ...] = ()
    cut: bool = False

    @property
    def is_entry(self) -> bool:
        """Whether it is an entry of a container: `['u42']`, `[3]`, a member of a set, a key."""
        return self.name.startswith(("[", "{", ".<key>", ".<queued"))


@dataclass(frozen=True, slots=True)
class RetentionPath:
    """The strong references from a root to a survivor, in that order.

    Attributes:
        root: where the chain starts.
        references: one entry a reference; empty when the root holds the survivor itself
            in a way that has no name, such as native code.
        target_type: `module.qualname` of the survivor at the end.
        target_reason: why the survivor counts as leaking (or what else is known of it).
        target_kind: a `HolderKind` of the survivor; empty where a report has none.
        target_state: a `State` of the survivor, or empty.
        target_awaited_by: of a survivor that is a task, as `Reference.awaited_by`.
    """

    root: Root
    references: tuple[Reference, ...]
    target_type: str
    target_reason: str = ""
    target_kind: str = ""
    target_state: str = ""
    target_awaited_by: tuple[str, ...] = ()

    @property
    def expression(self) -> str:
        """The path in one line, as a person would write it: `app.cache['u42'].owner`.

        What leads from an event loop to the variable of a task that is needed says nothing: which
        timer woke it is a matter of chance.
        """
        start = self._needed_local() if self.root.facts.is_event_loop else None
        names = "".join(reference.name for reference in self.references[start or 0 :])
        if start is not None:
            return names.lstrip(".")
        if self.root.facts.is_expression:
            return self.root.label + names
        return f"{self.root}: {names.lstrip('.')}" if names else str(self.root)

    def _needed_local(self) -> int | None:
        """The position of the last variable of a function before the first suspect reference."""
        found = None
        for at, it in enumerate(self.references):
            if it.suspect or it.cut:
                break
            found = at if it.name.startswith(LOCAL) else found
        return found

    @property
    def suspects(self) -> tuple[Reference, ...]:
        """The references one of which should be cut, nearest the root first."""
        return tuple([reference for reference in self.references if reference.suspect])

    @property
    def cut(self) -> Reference | None:
        """The reference to cut; None where the root itself holds the survivor.

        Of a path on which none is marked, as in older reports, it is the first suspect that is an
        entry of a container, or else the first suspect.
        """
        for it in self.references:
            if it.cut:
                return it
        suspects = () if self.root.facts.is_unseen else self.suspects
        return next((it for it in suspects if it.is_entry), suspects[0] if suspects else None)

    @property
    def behind_the_cut(self) -> tuple[Reference, ...]:
        """The references from the one to cut on, but for itself."""
        for at, it in enumerate(self.references, 1):
            if it.cut:
                return self.references[at:]
        return self.references

    def steps(self) -> list[tuple[Reference, str]]:
        """Each reference with the type of the object that it leads to."""
        arrivals = [*(reference.holder_type for reference in self.references), self.target_type]
        return list(zip(self.references, arrivals[1:], strict=True))

    @property
    def start(self) -> str:
        """The root, with the object that it holds where no reference has that for holder."""
        first = self.references[0].holder_type if self.references else ""
        if not first or self.root.facts.is_holder:
            return f"{self.root}{self.root.facts.beyond}"
        return f"{self.root} -> {first}"

    def __str__(self) -> str:
        lines = [self.start]
        for block, times in blocks(self.steps()):
            lines += [f"  {reference.name} -> {arrival}" for reference, arrival in block]
            lines += [f"  {repeated(len(block), times)}"] * (times > 1)
        if not self.references:
            lines.append(f"  -> {self.target_type}")
        return "\n".join(lines)


def repeated(references: int, times: int) -> str:
    """What a path says below references that stand there several times in a row."""
    these = "this reference" if references == 1 else f"these {references} references"
    return f"({these} {times:,} times)"


@dataclass(frozen=True, slots=True)
class Pattern:
    """The kind of mistake that a retention path shows.

    Attributes:
        code: the name to give to `leakwatch explain`: `LW` and three digits, or the id of a known
            leak that says what the program should have done.
        title: the mistake in a few words.
        explanation: why it leaks.
        fix: what to write instead.
        before: the shortest program that makes the mistake, a module whose `work()` leaks exactly
            so each time it is called; empty where there is none.
        after: the same module with the fix, which leaks nothing.
    """

    code: str
    title: str
    explanation: str
    fix: str
    before: str = ""
    after: str = ""


@dataclass(frozen=True, slots=True)
class Birth:
    """Where an object was registered or created.

    Attributes:
        file: path of the source file as the code object has it.
        line: line number, counted from 1.
        function: qualified name of the function.
        scope: name of the scope that owns the object.
        reason: why the object should be gone, as it was given to `track` or `watch`.
    """

    file: str
    line: int
    function: str
    scope: str
    reason: str = ""

    def __str__(self) -> str:
        return f"{self.file}:{self.line} in {self.function}"


@dataclass(frozen=True, slots=True)
class Cause:
    """The one reference to cut, without keys and indexes: equal for equal signatures.

    Attributes:
        holder: what holds the reference, as Python would write it: `shop.registry.HANDLERS`.
        reference: its name there: `[*]` for an entry, `.session` for an attribute; what is held
            where the holder is no Python object.
    """

    holder: str = ""
    reference: str = ""

    def __str__(self) -> str:
        between = "" if self.reference.startswith((".", "[", "{")) else ": "
        return f"{self.holder}{between}{self.reference}" if self.reference else self.holder


@dataclass(frozen=True, slots=True)
class LeakedType:
    """Objects of one type that are there because of a cause.

    Attributes:
        type_name: `module.qualname` of these objects.
        count: how many there are.
        retained_bytes: what they retain; of objects that other survivors retain, their own size.
    """

    type_name: str
    count: int
    retained_bytes: int = 0


@dataclass(frozen=True, slots=True, repr=False)
class Leak:
    """One cause, and all that survives because of it alone: one bug.

    Attributes:
        type_name: `module.qualname` of the objects that a person knows the leak by.
        count: how many of them there are.
        growth: survivors per run of repeated work, or per other unit of a living process, or None
            where nothing was repeated.
        shallow_bytes: size of the survivors themselves, in bytes.
        retained_bytes: what would be freed if the leak were gone, in bytes; each object
            is credited to one leak only, so the sizes of a report add up.
        signature: 12 hexadecimal digits, taken from the cause alone; one bug, one signature, over
            runs and machines.
        path: how one of the survivors is held.
        pattern: the kind of mistake, or None if no known one fits.
        reasons: what else the reader should know, in sentences.
        born: where one of the survivors was registered, or None if it was not.
        cause: the reference to cut.
        types: what survives because of it, by type: the lead type first, which names the leak,
            then the other survivors, then what they alone retain, the standard library's last.
        survivors: how many objects outlived their work, of all types.
        distribution: the installed distribution whose code holds them, with its version; empty
            where it is the program's own, or the standard library's.
        at_most: how many entries the container that it is in holds at most, where that is told: by
            a cache of functools with a `maxsize`, a deque with a `maxlen`, or an object that has
            such an attribute beside the container; else None.
        inserted: the line that put one of the survivors into the container that grows, where
            a hunt was asked for it and could tell; else None.
        device_bytes: what would be freed on devices such as a graphics card; it is not part of
            the retained bytes.
        growth_per: what the growth is of: one `run`, or one `second` of a living process, or one
            `unit` of its work.
        defined: the line that defines what holds them, where the source tells; else None.
        filled: lines of that file that put something into it, the first few.
        bounded: whether it is known to stop by itself, at a bound that the library has.
    """

    type_name: str
    count: int
    growth: float | None
    shallow_bytes: int
    retained_bytes: int
    signature: str
    path: RetentionPath
    pattern: Pattern | None = None
    reasons: tuple[str, ...] = ()
    born: Birth | None = None
    cause: Cause = Cause()
    types: tuple[LeakedType, ...] = ()
    survivors: int = 0
    distribution: str = ""
    at_most: int | None = None
    inserted: Birth | None = None
    device_bytes: int = 0
    growth_per: str = "run"
    defined: Place | None = None
    filled: tuple[Place, ...] = ()
    bounded: bool = False

    @property
    def suspects(self) -> tuple[Reference, ...]:
        """The references one of which should be cut."""
        return self.path.suspects

    def __repr__(self) -> str:
        """One line: what, how many, and the reference to cut."""
        where = str(self.cause) or self.path.expression
        return f"<Leak {self.signature}: {self.count} {self.type_name} held by {where}>"


@dataclass(frozen=True, slots=True)
class KnownLeak:
    """A leak that is known, or that somebody accepted, with the reason.

    In `holder`, `references` and `root` a `*` stands for anything and a `#` for a number.

    Attributes:
        id: a short name for it, unique in its source.
        reason: why it is accepted, in a sentence that the report prints.
        signature: matches leaks with this signature; empty matches any.
        type_name: matches leaks of this type, shell wildcards allowed; empty matches any.
        holder: matches leaks whose path's text contains this; empty matches any.
        references: matches leaks whose path has these references in this order, others may lie
            between; each is the holder's type with the name behind it, such as
            `asyncio.events.Handle._context`.
        root: matches leaks whose path starts at a root of this kind; empty matches any.
        title: what leaks, in a few words.
        distribution: whose leak it is, by its name on the package index, or `cpython`; the
            entry matches only where an affected version is installed.
        affected: the affected versions, specifiers of PEP 440 such as `>=2.1,<2.4`, of which
            one must fit; none means every version.
        fixed: the first versions without the leak; empty while there is none.
        link: where it is discussed.
        remedy: what to do about it.
        fails: whether the leak fails all the same: a library keeps things until it is told not to,
            and the program has not told it. The entry then stands in the place of the pattern.
        bounded: whether the library stops by itself, at a bound that it has: that it grows until
            then is no finding either.
    """

    id: str
    reason: str
    signature: str = ""
    type_name: str = ""
    holder: str = ""
    references: tuple[str, ...] = ()
    root: str = ""
    title: str = ""
    distribution: str = ""
    affected: tuple[str, ...] = ()
    fixed: tuple[str, ...] = ()
    link: str = ""
    remedy: str = ""
    fails: bool = False
    bounded: bool = False


@dataclass(frozen=True, slots=True)
class GrownContainer:
    """A container that grew, run after run, by entries that the collector does not track.

    Attributes:
        entries: how many were added over all runs.
        type_name: `module.qualname` of the entries.
        size: bytes of those entries, estimated from the newest.
        runs: the number of runs.
        retained: bytes that those entries keep alive, with memory that plugins know of.
        device: bytes of devices' memory that they keep.
        unseen: of the bytes retained, what lies in buffers and no entry shows.
    """

    entries: int
    type_name: str
    size: int
    runs: int
    retained: int = 0
    device: int = 0
    unseen: int = 0

    @property
    def ages(self) -> list[int]:
        """The runs in which the entries were added, taken as even."""
        return [index * self.runs // self.entries for index in range(self.entries)]


@dataclass(frozen=True, slots=True)
class Settling:
    """What was done to bring the heap to rest before judging.

    Attributes:
        collections: full collections made.
        waited: seconds slept.
    """

    collections: int = 0
    waited: float = 0.0


LONGEST_REPEAT = 4
"""Longest block that is looked for."""

T = TypeVar("T")
Part = TypeVar("Part", bound=Hashable)


def folded(parts: Sequence[Part]) -> list[Part]:
    """The parts with repeated blocks taken once: a chain of 90 tracebacks is one.

    So are the blocks that folding has made.
    """
    if len(set(parts)) == len(parts):  # the usual path has nothing twice
        return list(parts)
    result: list[Part] = []
    for part in parts:
        result.append(part)
        for length in range(1, LONGEST_REPEAT + 1):
            if len(result) >= 2 * length and result[-length:] == result[-2 * length : -length]:
                del result[-length:]
                break
    return result


def blocks(parts: Sequence[T]) -> list[tuple[Sequence[T], int]]:
    """The parts in blocks, each with how many times it stands there in a row."""
    result = []
    start = 0
    while start < len(parts):
        block, times = parts[start : start + 1], 1
        for length in range(1, LONGEST_REPEAT + 1):
            # The shortest block that repeats from here on.
            longer, repeats = parts[start : start + length], 1
            while longer == parts[start + repeats * length : start + (repeats + 1) * length]:
                repeats += 1
            if repeats > 1 and len(longer) == length:
                block, times = longer, repeats
                break
        result.append((block, times))
        start += len(block) * times
    return result
