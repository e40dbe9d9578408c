"""Several looks at a living process, and the one question that they lead to.

What rises at every look is asked about, and of that what came since the first. So no work has to
be named or repeated. Other work goes on meanwhile, and what it needs is no leak: what is in use by
a request came with the last look, what a full cache has replaced did not make it longer.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

from leakwatch.growth.growing_containers import MEASURED, entry_type, grows_by_atoms, newest
from leakwatch.growth.own_notes import Ids, Notes
from leakwatch.growth.survivors_per_run import filling, is_filling
from leakwatch.guest.collector import gc_is_enabled, program_froze
from leakwatch.heap.listing import listed_containers, listed_of
from leakwatch.heap.objects import inherits, shallow_size
from leakwatch.heap.provenance import asking_frame, asking_globals
from leakwatch.interpreter import CAN_FORK, sleep
from leakwatch.model import GrownContainer, Leak, MemoryGrowth
from leakwatch.monitoring.census import (
    Addresses,
    Lengths,
    Look,
    asked_about,
    look,
    names_of,
    there_since,
)
from leakwatch.monitoring.growth import grows_since_it_began, rising, slope
from leakwatch.monitoring.in_flight import in_flight
from leakwatch.monitoring.units import Amounts, difference, told
from leakwatch.report import Report
from leakwatch.tracking.case import Case, Host
from leakwatch.tracking.newborn import kinds_of, may_leak_again
from leakwatch.tracking.type_filter import type_filter, unmatched

NAME = "this process"
PARTS = 5
"""Parts that the time is divided into, with a look at the end of each."""
MOST_SURVIVORS = 100_000
"""Newborn objects that are judged; where there are more, as many of them, evenly chosen."""
MOST_NAMED = 5
"""Rising types that a note names."""
SECOND, UNIT = "second", "unit"
"""What growth is of."""
NOTHING_COUNTED: Amounts = MappingProxyType({})
Types = tuple[type | str, ...]


def growing(seconds: float, types: Types | None, host: Host) -> Report:
    """Look several times, and have what rises explained.

    Args:
        seconds: from the first look to the last.
        types: which types are asked about; None for all.
        host: the session.
    """
    figures = host.open(NAME)
    course = Course(types)
    course.look()
    for _ in range(PARTS):
        sleep(seconds / PARTS)
        course.look()
    return host.conclude(course.case(host.figures(figures)))


class Ages(Notes[int]):
    """In which part of the time each survivor came, by id; of all else, whether it came at all."""

    __slots__ = ("before",)

    def __init__(self, before: Addresses) -> None:
        super().__init__()
        self.before = before

    def __contains__(self, address: object) -> bool:
        return type(address) is int and address not in self.before


class Course:
    """The looks so far; numbers only.

    Args:
        types: classes and patterns that are asked about; None for all.

    Attributes:
        looks: in their order, all as far apart but for the last one.
        stride: how many looks are made for one that stays.
    """

    def __init__(self, types: Types | None) -> None:
        self._types = types
        self._wanted = None if types is None else type_filter(types)
        self.looks: list[Look] = []
        self.stride = self._since = 1
        self._lasting = asking_globals()
        self._units: list[Amounts] = []

    def look(self, units: Amounts = NOTHING_COUNTED) -> None:
        """Look once more.

        Args:
            units: units of work that were done by now, by name.
        """
        before = (self.looks[0], self.looks[-1]) if self.looks else (None, None)
        at = slice(len(self.looks) - (not self.last_stays), None)
        self.looks[at], self._units[at] = [look(*before)], [units]
        self._since = self._since % self.stride + 1

    @property
    def last_stays(self) -> bool:
        """Whether the last look is not to be replaced by the next one."""
        return self._since == self.stride

    def thin(self) -> None:
        """Leave out every second of an odd number of looks, and from now on of those to come."""
        self.looks, self._units = self.looks[::2], self._units[::2]
        self.stride = self._since = 2 * self.stride

    def grows(self) -> bool:
        """Whether something rises that is asked about."""
        return bool(self.rising() or (self._wanted is None and self.looks[-1].lengths))

    @property
    def seconds(self) -> float:
        """From the first look to the last."""
        return self.looks[-1].at - self.looks[0].at

    def rising(self) -> frozenset[int]:
        """The types that rise and are asked about, by id."""
        found = rising([it.counts for it in self.looks])
        return found & asked_about(self._wanted)

    def case(self, memory: MemoryGrowth | None) -> Case:
        """What was seen, as a question to the session."""
        kinds = self.rising()
        containers = () if self._wanted else tuple(Lengths(self.looks[-1].lengths))
        question = Question(self.looks, kinds, containers, self._amount())
        return Case(
            name=NAME,
            kind="growing",
            survivors=question.survivors if kinds or containers else None,
            doom=f"came in {self.seconds:.3g} seconds in which such objects became more",
            ages=question.ages,
            every_birth=program_froze() == 0,
            before="was there before the first look",
            steady=question.is_steady,
            grown=question.grown,
            asking=asking_frame(),
            lasting=self._lasting,
            owners_only=True,
            memory=memory,
            notes=tuple(self._notes(kinds)),
            late_notes=question.late_notes,
            not_judged=unmatched(self._types or ()),
            collected=False,
            analyse="fork" if CAN_FORK else "here",
            review=question.review,
        )

    def _amount(self) -> tuple[float, str]:
        """What growth is divided by: the units of work, or the seconds where nobody counts any."""
        units = sum(self._done().values())
        return (units, UNIT) if units else (self.seconds, SECOND)

    def _done(self) -> Amounts:
        return difference(self._units[0], self._units[-1])

    def _notes(self, kinds: frozenset[int]) -> Iterator[str]:
        yield f"looked {len(self.looks)} times in {self.seconds:.3g} seconds"
        if work := told(self._done()):
            yield work
        names, times = names_of(kinds), [it.at for it in self.looks]
        rates = {
            kind: slope(times, [it.counts.get(kind, 0) for it in self.looks]) for kind in names
        }
        first = sorted(names, key=lambda kind: (-rates[kind], names[kind]))[:MOST_NAMED]
        now = self.looks[-1].counts
        shown = [f"{names[kind]} {now[kind]:,} (+{rates[kind]:.3g}/s)" for kind in first]
        if shown:
            more = f" and {len(names) - len(shown)} more types" if len(names) > len(shown) else ""
            yield f"became more: {', '.join(shown)}{more}"
        if not gc_is_enabled():
            yield "automatic collection is off in this program, so cyclic garbage becomes more"


class Question:
    """Which objects are to be explained, and which of the answers are leaks.

    It is asked in a forked child, so what it notes there is gone with that.

    Args:
        looks: in their order.
        kinds: ids of the types that rise.
        containers: addresses of those that became longer from each look to the next.
        amount: how many seconds, or units of work, growth is divided by; and which of the two.

    Attributes:
        ages: in which part of the time each survivor came, by id.
        grown: the containers among them whose entries are the leak, by id.
    """

    def __init__(
        self,
        looks: Sequence[Look],
        kinds: frozenset[int],
        containers: Iterable[int],
        amount: tuple[float, str],
    ) -> None:
        self._looks = looks
        self._kinds = kinds
        self._containers = tuple(containers)
        self._first = Lengths(looks[0].lengths)
        self._parts = len(looks) - 1
        self._amount, self._per = amount
        self._notes: dict[str, str] = {}
        self.ages = Ages(Addresses(looks[0].there))
        self.grown = Notes[GrownContainer]()

    def survivors(self) -> list[object]:
        """The newborn objects of rising types that are still there, and containers; borrowed."""
        born = Ids(Addresses(self._looks[-1].there))
        found = [it for it in listed_of(self._kinds) if id(it) in born]
        judged = kinds_of(found, may_leak_again)
        found = self._some([it for it in found if id(it) in judged])
        self._note_ages(Ids(map(id, found)))
        containers = self._growing_by_atoms()
        self.grown.update((id(it), self._growth_of(it)) for it in containers)
        return found + containers

    def _some(self, found: list[object]) -> list[object]:
        """All of them, or as many as can be judged."""
        step = -(-len(found) // MOST_SURVIVORS)
        if step > 1:
            self._notes[""] = f"of {len(found):,} new objects one in {step} was looked at"
        return found[:: step or 1]

    def _note_ages(self, wanted: Ids) -> None:
        # A part ends with a look.
        for part, there in there_since(wanted, [it.there for it in self._looks[1:]]):
            self.ages.update((it, part) for it in there)

    def _growing_by_atoms(self) -> list[object]:
        found = listed_containers(frozenset(self._containers), MEASURED)
        return [it for it in found if self._added_to(it) >= self._parts and grows_by_atoms(it)]

    def _added_to(self, container: object) -> int:
        """By how much a container is longer than at the first look."""
        return length(container) - (self._first.get(id(container)) or 0)

    def _growth_of(self, container: object) -> GrownContainer:
        entries, some = self._added_to(container), newest(container)
        size = round(entries * sum(map(shallow_size, some)) / len(some))
        return GrownContainer(entries, entry_type(container), size, self._parts)

    def is_steady(self, holder: object, count: int) -> bool:
        """Whether a container that was there before has not become longer by what it got.

        Args:
            holder: holds so many of the new objects.
            count: how many of them.
        """
        before = self._first.get(id(holder))
        if before is None or not is_measured(holder) or id(holder) in self._containers:
            return False
        return (length(holder) - before) * LEAST_SHARE < count

    def review(self, leak: Leak, by_type: Mapping[str, Sequence[int]]) -> Leak | None:
        """The leak with its growth per second, or None if it does not keep growing."""
        ages = by_type[leak.type_name]
        if is_filling(leak):
            self._notes[leak.signature] = filling(leak)
            return None
        if not grows_since_it_began(ages, self._parts):
            return None
        if told := in_flight(leak, self._looks[0]):
            self._notes[leak.signature] = told
            return None
        growth = float(f"{len(ages) / self._amount:.3g}")
        return replace(leak, growth=growth, growth_per=self._per)

    def late_notes(self) -> tuple[str, ...]:
        """Notes on what was found and is none of the leaks."""
        return tuple(self._notes.values())


LEAST_SHARE = 4
"""A container that got so many entries for each that it is longer now has replaced the others."""
LENGTHS: Sequence[tuple[type, Callable[..., int]]] = ((dict, dict.__len__), (list, list.__len__))


def is_measured(holder: object) -> bool:
    """Whether looks note the length of such an object."""
    return id(type(holder)) in MEASURED or any(inherits(type(holder), it) for it, _ in LENGTHS)


def length(container: object) -> int:
    """The length of a container whose length is noted; no code of the program is asked."""
    for base, length_of in LENGTHS:
        if inherits(type(container), base):
            return length_of(container)
    return len(container)  # type: ignore[arg-type]  # exactly a set or a deque
