"""All that one cause keeps alive, added up."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from leakwatch.diagnosis.causes import Place
from leakwatch.diagnosis.inspectors import INSPECTORS, Inspector
from leakwatch.diagnosis.lead_type import (
    MOST_TYPES,
    RetainedTypes,
    Survivors,
    inner_lead,
    named_by,
    outermost_lead,
)
from leakwatch.diagnosis.verdicts import awaited_by, beyond
from leakwatch.heap.keys import masked
from leakwatch.heap.roots.homes import Homes
from leakwatch.heap.roots.root import HeapRoot
from leakwatch.model import Birth, Cause, GrownContainer, Leak, LeakedType, RetentionPath
from leakwatch.paths.names.name import Namer, described, full_name
from leakwatch.paths.names.references import NAMERS, name_path
from leakwatch.paths.question import Trace

RETAINED = "retained by what outlived its work"
MOST_REASONS = 3
"""Different reasons reported of one leak."""
MOST_SURVIVING = 50
"""Types of survivors reported of one leak; all are in its count of survivors."""
MOST_EXPLAINED = 10
"""Types of one cause that are looked at for reasons and for what else holds them; of the others
only the one that leads is. A cache of a library may have hundreds of types, and each takes as long
as a leak of its own."""
MOST_PLACES = 3
"""Other places named of a leak; the rest is counted."""


Ages = Mapping[str, Sequence[int]]
"""The runs in which survivors were born, by type; the leak's own type first."""

Group = tuple[bool, str]
"""Whether it is in use, and the signature."""


def no_others(survivor: object) -> Sequence[Trace]:
    """No further trace of a survivor."""
    return ()


@dataclass(frozen=True, slots=True)
class Tools:
    """With what survivors are diagnosed.

    Attributes:
        why_dead: why the survivors count as dead, printed behind each.
        inspectors: judge single objects.
        namers: name references.
        homes: tells which module defines a global that several have.
        survivors: ids of all that should be gone, where a path may lead through some of it.
        known: ids of all survivors.
        noted: whether all of a type that were born meanwhile are among them, or None.
        births: where survivors were registered, by id.
        ages: in which run of repeated work survivors were born, by id.
        every_birth: whether what is missing there was there before the first run.
        before: what is said then of an object that was there; empty for what is said of runs.
        steady: whether a holder has not become longer though it got so many, or None.
        grown: containers among the survivors whose entries are the leak, by id.
        insertions: the lines that add to growing containers, by id; None if nobody asked.
        others: gives further traces of a survivor.
    """

    why_dead: str
    inspectors: Sequence[Inspector] = INSPECTORS
    namers: Sequence[Namer] = NAMERS
    homes: Homes = field(default_factory=Homes)
    survivors: frozenset[int] = frozenset()
    known: frozenset[int] = frozenset()
    noted: Callable[[type], bool] | None = None
    births: Mapping[int, Birth] = field(default_factory=dict)
    ages: Mapping[int, int] = field(default_factory=dict)
    every_birth: bool = False
    before: str = ""
    steady: Callable[[object, int], bool] | None = None
    grown: Mapping[int, GrownContainer] = field(default_factory=dict)
    insertions: Mapping[int, Birth] | None = None
    others: Callable[[object], Sequence[Trace]] = no_others


@dataclass(frozen=True, slots=True)
class Explained:
    """What is said of a survivor, and of all that are held alike.

    Attributes:
        leak: with the survivor's path, pattern and reasons, and no figures.
        also: the places that hold it too.
    """

    leak: Leak
    also: tuple[Place, ...] = ()


@dataclass(frozen=True, slots=True)
class Located:
    """Where a survivor, and all that are held alike, are to be cut.

    Attributes:
        place: the reference to cut, in general.
        type_name: what names the survivor.
        explained: says the rest, for the first of a type that is held in that place.
        holder: what has the reference to cut; live. None where the root itself has.
    """

    place: Place
    type_name: str
    explained: Callable[[], Explained]
    holder: object = None


class Finding:
    """All that survives because of one cause, added up by type.

    Args:
        place: the reference to cut, in general.

    Attributes:
        place: as given.
        retained: what the survivors retain beside themselves, by type.
        circles: numbers of the circles of references that keep them.
        holder: what has the reference to the first of the survivors that is to be cut; live.
        generated: how the names are written that hold them, where each is another: `.session_*`.
    """

    __slots__ = (
        "_along",
        "_also",
        "_born",
        "_lead",
        "_reasons",
        "_types",
        "circles",
        "generated",
        "holder",
        "place",
        "retained",
    )

    def __init__(self, place: Place) -> None:
        self.place = place
        self._types: dict[str, Survivors] = {}
        self._reasons: dict[str, None] = {}
        self._also: dict[str, Cause] = {}
        self._born: Birth | None = None
        self._lead: Survivors | None = None
        self.retained = RetainedTypes()
        self.circles: set[int] = set()
        self._along: dict[str, Survivors] = {}
        self.generated = ""
        self.holder: object = None

    def add(self, like: Located, trace: Trace, tools: Tools) -> None:
        """Count the survivors of a trace, with those of their type that they alone hold."""
        self._lead = None
        self.generated = self.generated or trace.under_names
        number = id(trace.survivor)
        grown = tools.grown.get(number)
        if not self._types:
            self.holder = like.holder
        alike = self._types.get(like.type_name) or self._first(like, trace, grown)
        if grown is None:
            alike.add(trace, tools.ages)
        else:
            alike.add_entries(grown)
        for found in (number, *trace.alike) if tools.births else ():
            self._note_birth(tools.births.get(found), registered=grown is None)
        self.retained.add(trace)
        if trace.circle is not None:
            self.circles.add(trace.circle)

    def _first(self, like: Located, trace: Trace, grown: GrownContainer | None) -> Survivors:
        """Begin to count a type: the first of it is the example."""
        cls = None if grown else named_by(trace.survivor)
        found = Survivors(lambda: like.explained().leak, trace, cls)
        if len(self._types) < MOST_EXPLAINED:
            explained = like.explained()
            found.said = explained.leak
            self._reasons |= dict.fromkeys(explained.leak.reasons)
            self._also |= {place.signature: place.cause for place in explained.also}
        self._types[like.type_name] = found
        return found

    def _note_birth(self, born: Birth | None, *, registered: bool) -> None:
        if born is not None and born.reason:
            born = replace(born, reason=masked(born.reason))
            if registered:
                self._reasons[born.reason] = None
        self._born = self._born or born

    def join(self, other: "Finding") -> None:
        """Count the survivors of another finding too."""
        self._lead = None
        add_up(self._types, other._types)
        add_up(self._along, other._along)
        self._reasons |= other._reasons
        self._also |= other._also
        self._born = self._born or other._born
        self.retained.join(other.retained)
        self.circles |= other.circles

    def take_along(self, other: "Finding") -> None:
        """Count what goes when the survivors go; it does not lead."""
        add_up(self._along, other._types)
        add_up(self._along, other._along)

    def number_of(self, found: object) -> int:
        """How many survivors of an object's type there are, or are retained by survivors."""
        own = self._types.get(full_name(found))
        return self.retained.number_of(type(found)) + (own.count if own else 0)

    def rows(self) -> list[LeakedType]:
        """The types of the survivors, those that lead first, and what goes with them."""
        lead = self.lead
        # What lies in others comes after them, though it may be more.
        ordered = sorted(
            self._types.items(),
            key=lambda it: (it[1] is not lead, it[1].first.inside, -it[1].count, it[0]),
        )
        counted = (*ordered, *self._along.items())
        return [LeakedType(name, it.count, it.retained) for name, it in counted]

    @property
    def thread(self) -> object:
        """The running thread that holds the first of the survivors, or None."""
        return self.lead.first.root.thread

    @property
    def others(self) -> frozenset[str]:
        """The signatures of the places that hold the survivors too."""
        return frozenset(self._also)

    def also_in(self, others: Sequence[Cause]) -> None:
        """Note that the same runs add as much in other places."""
        self._reasons = {f"the same work adds as much to {some(others)}": None, **self._reasons}
        self._also = {one: cause for one, cause in self._also.items() if cause not in others}

    @property
    def lead(self) -> Survivors:
        """The outermost survivors that the leak is known by."""
        if self._lead is None:
            self._lead = outermost_lead(list(self._types.values()))
        return self._lead

    def name_of_lead(self) -> str:
        """The type that leads, by its name."""
        return next(name for name, it in self._types.items() if it is self.lead)

    def name_of_holder(self) -> str:
        """The variable, or the reference to cut, that holds the first of the survivors."""
        path = self.lead.leak.path
        if path.root.facts.is_variable or path.cut is None:
            return path.root.label
        return path.cut.name

    def led_by(self, name: str) -> None:
        """Let the survivors of a type lead, until others come."""
        self._lead = self._types[name]

    def ages(self, leak: Leak) -> Ages:
        """The runs in which the survivors of a finished leak were born."""
        lead = self.lead
        others = {name: it.ages for name, it in self._types.items() if it is not lead}
        return {leak.type_name: lead.ages, **others}

    def all_ages(self) -> Iterator[Sequence[int]]:
        """The runs in which the survivors were born, type by type."""
        return (it.ages for it in self._types.values())

    def _all_reasons(self) -> Iterator[str]:
        """What else holds the survivors comes first: it makes the one cut a vain one."""
        others = [cause for one, cause in self._also.items() if one != self.place.signature]
        if others:
            yield f"also held by {some(others)}: nothing is freed until that is cut too"
        yield from self._reasons

    def leak(self, tools: Tools) -> Leak:
        """The leak of all."""
        lead, everything = self.lead, (*self._types.values(), *self._along.values())
        self._reasons |= dict.fromkeys(lead.leak.reasons)
        types, retained = self.rows(), self.retained.listed()
        listed = [it for it in retained if it.type_name not in self._types]
        whole = replace(
            lead.leak,
            count=lead.count,
            shallow_bytes=sum(it.shallow for it in everything),
            retained_bytes=sum(it.retained for it in everything),
            device_bytes=sum(it.device for it in everything),
            signature=self.place.signature,
            reasons=tuple(self._all_reasons())[:MOST_REASONS],
            born=self._born,
            cause=self.place.cause,
            types=(*types[:MOST_SURVIVING], *listed[:MOST_TYPES]),
            survivors=sum(it.count for it in everything),
            path=generalised(lead.leak.path, self.generated),
        )
        inner = inner_lead(lead, self.retained) if retained else None
        return whole if inner is None else self._told_by(whole, inner, tools)

    def _told_by(self, leak: Leak, inner: type, tools: Tools) -> Leak:
        """The leak, led by what each of the survivors retains; by the path to that, if known."""
        outer = sorted(self._types.values(), key=lambda it: it is not self.lead)
        ways = ((it, it.first.route.to_inner(inner)) for it in outer)
        holder, chain = next(((it, way) for it, way in ways if way), (self.lead, ()))
        path = generalised(holder.leak.path, self.generated)
        led = replace(leak, path=path, pattern=holder.leak.pattern)
        return told_by(led, chain, tools) if chain else leak


def generalised(path: RetentionPath, name: str) -> RetentionPath:
    """A path with what many names have in common in the place of one of them.

    Args:
        path: as it leads to one of the survivors.
        name: what they have in common; empty where there is one name.
    """
    if not name:
        return path
    if path.root.facts.is_variable:
        return replace(path, root=replace(path.root, label=name))
    found = (replace(it, name=name) if it is path.cut else it for it in path.references)
    return replace(path, references=tuple(found))


def add_up(found: dict[str, Survivors], others: Mapping[str, Survivors]) -> None:
    """Add the survivors of other findings to those of one, by type."""
    for name, theirs in others.items():
        if name in found:
            found[name].join(theirs)
        else:
            found[name] = theirs


def some(causes: Sequence[Cause]) -> str:
    """A few references, and how many more there are."""
    more = f" and {len(causes) - MOST_PLACES} more" if len(causes) > MOST_PLACES else ""
    return ", ".join(map(str, causes[:MOST_PLACES])) + more


def told_by(leak: Leak, chain: Sequence[object], tools: Tools) -> Leak:
    """The leak, led by what is at the end of a chain; its path goes on to that."""
    steps = name_path(HeapRoot("", "", chain[0]), chain, tools.namers)
    kind, target = described(chain[-1])
    path = replace(
        leak.path,
        references=(
            *leak.path.references,
            *beyond(steps, leak.path.target_reason, tools.inspectors),
        ),
        target_type=target,
        target_reason=RETAINED,
        target_kind=kind,
        target_state="",
        target_awaited_by=awaited_by(kind, chain[-1]),
    )
    name = full_name(chain[-1])
    types = sorted(leak.types, key=lambda it: it.type_name != name)
    return replace(leak, type_name=name, path=path, types=tuple(types))
