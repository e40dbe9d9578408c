"""By which type a person knows a leak, of all that a cause keeps alive.

The outermost survivor is what a container holds, so its path is the one to cut. It need not be
what the reader knows: a key of a cache wraps the customer, a future has the task behind it, a
window manager holds the figure. The program's own class comes before a library's, that before
the standard library's, and of equals the outermost; but for the key of a weak mapping, which is
what its values are about, and for what a call was given, before what it made: a cache keeps the
arguments of a call and its result, a traceback the frame of one. Whoever has the leak knows it by
the object whose method was cached, and by the request that was answered.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from inspect import CO_VARARGS, CO_VARKEYWORDS
from itertools import pairwise
from types import CodeType, FrameType
from typing import Any, cast

from leakwatch.diagnosis.patterns.rules import FUTURES
from leakwatch.diagnosis.weak_keys import key_that_is_reached
from leakwatch.heap.fields import loaded, module_name, own_field, qualified_name
from leakwatch.heap.objects import full_type_name, is_class, is_module
from leakwatch.heap.provenance import is_library_module, is_standard_module
from leakwatch.heap.roots.frames import FRAME_FIELDS, FRAMES, read_variables
from leakwatch.heap.structural_types import is_plumbing
from leakwatch.model import GrownContainer, Leak, LeakedType, RetentionPath
from leakwatch.paths.names.objects import CACHED_RESULT
from leakwatch.paths.question import Trace

MOST_TYPES = 20
"""Types reported of what the survivors of one leak retain."""
CALLS = FRAMES | FRAME_FIELDS.keys()
"""Ids of the types that keep the variables of a call."""


@dataclass(slots=True, eq=False)
class Survivors:
    """The survivors of one type and one cause, added up.

    Attributes:
        say: says what there is to say of the first of them; not asked where that is given.
        first: its trace.
        cls: what names them: their type, or the first itself where they are classes; None where
            only the name of the type is known.
        count: how many there are.
        shallow: their bytes.
        retained: bytes credited to them.
        device: bytes of devices' memory credited to them.
        ages: the runs in which they were born.
        said: what is said of the first of them, once it is known.
    """

    say: Callable[[], Leak]
    first: Trace
    cls: type | None
    count: int = 0
    shallow: int = 0
    retained: int = 0
    device: int = 0
    ages: list[int] = field(default_factory=list)
    said: Leak | None = None

    @property
    def leak(self) -> Leak:
        """What is said of the first of them."""
        if self.said is None:
            self.said = self.say()
        return self.said

    def add(self, trace: Trace, ages: Mapping[int, int]) -> None:
        """Count the survivors of a trace, with those of their type that they alone hold.

        Args:
            trace: how they are held.
            ages: in which run of repeated work survivors were born, by id.
        """
        those = (id(trace.survivor), *trace.alike, *trace.nested)
        self.count += len(those)
        self.shallow += trace.shallow
        self.retained += trace.retained
        self.device += trace.device
        self.ages += [ages.get(found, 0) for found in those]

    def add_entries(self, grown: GrownContainer) -> None:
        """Count the entries of a container that has grown."""
        self.count += grown.entries
        self.shallow += grown.size
        self.retained += grown.retained or grown.size
        self.device += grown.device
        self.ages += grown.ages

    def join(self, other: "Survivors") -> None:
        """Count the survivors of another finding too."""
        if self.first.inside and not other.first.inside:
            self.say, self.said = other.say, other.said
            self.first, self.cls = other.first, other.cls
        self.count += other.count
        self.shallow += other.shallow
        self.retained += other.retained
        self.device += other.device
        self.ages += other.ages


class RetainedTypes:
    """How many objects of each type all survivors of one cause retain beside themselves."""

    __slots__ = ("_counts", "_kinds", "_sizes")

    def __init__(self) -> None:
        # By id: a class with a metaclass may have a hash of its own.
        self._kinds: dict[int, type] = {}
        self._counts: dict[int, int] = {}
        self._sizes: dict[int, int] = {}

    def add(self, trace: Trace) -> None:
        """Count what one survivor retains."""
        for cls, number, size in trace.also:
            self._add(cls, number, size)

    def join(self, other: "RetainedTypes") -> None:
        """Count what other survivors retain as well."""
        for key, cls in other._kinds.items():
            self._add(cls, other._counts[key], other._sizes[key])

    def _add(self, cls: type, number: int, size: int) -> None:
        self._kinds[id(cls)] = cls
        self._counts[id(cls)] = self.number_of(cls) + number
        self._sizes[id(cls)] = self._sizes.get(id(cls), 0) + size

    def listed(self) -> list[LeakedType]:
        """The types, nearest first, those of the standard library last.

        Classes of one name are one: a mock has a class of its own.
        """
        kinds = sorted(self._kinds.values(), key=lambda cls: is_standard_module(module_name(cls)))
        rows: dict[str, LeakedType] = {}
        for row in map(self.row, kinds):
            known = rows.get(row.type_name)
            rows[row.type_name] = row if known is None else together(known, row)
        return [*rows.values()]

    def row(self, cls: type) -> LeakedType:
        """One type with its figures."""
        return LeakedType(full_type_name(cls), self.number_of(cls), self._sizes[id(cls)])

    def number_of(self, cls: type) -> int:
        """How many objects of exactly this type are retained."""
        return self._counts.get(id(cls), 0)

    def as_many_as(self, number: int) -> Iterable[type]:
        """The types of which there is one for each of so many survivors."""
        return (cls for cls in self._kinds.values() if self.number_of(cls) == number)


def together(one: LeakedType, other: LeakedType) -> LeakedType:
    """Two rows of one name as one."""
    return LeakedType(
        one.type_name, one.count + other.count, one.retained_bytes + other.retained_bytes
    )


def named_by(survivor: object) -> type:
    """What names a survivor: a class itself, of other objects their type."""
    return survivor if is_class(survivor) else type(survivor)  # type: ignore[return-value]


def outermost_lead(found: Sequence[Survivors]) -> Survivors:
    """The survivors that lead, of all types that are about as many as the most numerous.

    Of types that rank alike those lead that are not there only because others are: what lies in a
    survivor may be any number.
    """
    if len(found) == 1:
        return found[0]
    outer = numerous([one for one in found if not one.first.inside])
    each_once = {id(one): one for one in (*outer, *numerous(found))}.values()
    best = least([*each_once], lambda one: (rank(one.cls), one.first.inside))
    # What weighs them follows their paths, and what a call made takes the words of them.
    return least(least(best, weight), made_by_a_call)[0]


def least(found: list[Survivors], key: Callable[[Survivors], tuple[Any, ...]]) -> list[Survivors]:
    """Those of which a key is the least; it is not asked of one that is alone."""
    if len(found) == 1:
        return found
    keys = [key(one) for one in found]
    first = min(keys)
    return [one for one, its in zip(found, keys, strict=True) if its == first]


def weight(one: Survivors) -> tuple[int, bool]:
    """The more, the better; then a key."""
    reached = key_that_is_reached(one.first.route.to_survivor())
    return -one.count if one.first.circle is None else 0, reached is not one.first.survivor


def made_by_a_call(one: Survivors) -> tuple[bool, int]:
    """What a call was given comes before what it made; of a circle the first made."""
    return is_made_by_a_call(one.leak.path, one.first.route.to_survivor()), one.first.order


def is_made_by_a_call(path: RetentionPath, chain: Sequence[object]) -> bool:
    """Whether a survivor is there as the result of a call, or as a variable that is no argument.

    Args:
        path: with names.
        chain: the objects of the path, the survivor last.
    """
    if any(reference.name == CACHED_RESULT for reference in path.references):
        return True
    kept = [(holder, held) for holder, held in pairwise(chain) if id(type(holder)) in CALLS]
    return bool(kept) and is_local(*kept[-1])


def is_local(call: object, held: object) -> bool:
    """Whether a frame, or what has one, holds something as a variable that it set itself."""
    field = FRAME_FIELDS.get(id(type(call)))
    frame = cast(FrameType | None, call if field is None else own_field(call, field))
    if frame is None:
        return False
    names = [name for name, value in read_variables(frame).items() if value is held]
    return bool(names) and not given_to(frame.f_code) & set(names)


def given_to(code: CodeType) -> set[str]:
    """Names of the arguments of a function, and of the variables around it that it uses."""
    several = sum(bool(code.co_flags & flag) for flag in (CO_VARARGS, CO_VARKEYWORDS))
    arguments = code.co_argcount + code.co_kwonlyargcount + several
    return {*code.co_varnames[:arguments], *code.co_freevars}


def numerous(found: Sequence[Survivors]) -> list[Survivors]:
    """Those that are about as many as the most numerous."""
    most = max((one.count for one in found), default=0)
    return [one for one in found if 2 * one.count >= most]


def inner_lead(outer: Survivors, retained: RetainedTypes) -> type | None:
    """The type by which the leak is known rather, of what each of the survivors retains, if any."""
    if outer.cls is None or outer.cls is outer.first.survivor:
        return None
    own = rank(outer.cls)
    inner = (it for it in retained.as_many_as(outer.count) if says_more(it, outer.cls))
    if (best := min(inner, key=rank, default=None)) is not None:
        return best
    key = key_that_is_reached(outer.first.route.to_survivor())
    if key is not None and retained.number_of(type(key)) == outer.count and rank(type(key)) <= own:
        return type(key)
    centre = outer.first.route.centre() if outer.first.also else None
    if centre is None or retained.number_of(centre) != outer.count or rank(centre) > own:
        return None
    return centre


def says_more(inner: type, outer: type) -> bool:
    """Whether a type says better what leaks than the one of what holds its objects.

    Not because that one is private, if both are of the standard library: whoever has an exit stack
    does not know what it is for. The public class of the same package does.
    """
    ours, theirs = rank(inner), rank(outer)
    if ours[:2] != theirs[:2] or ours[0] < 2:
        return ours < theirs
    return ours < theirs and standard_package(inner) == standard_package(outer)


def standard_package(cls: type) -> str:
    """The package of the standard library that a class is of; `_asyncio` is asyncio's."""
    return module_name(cls).partition(".")[0].lstrip("_")


def rank(cls: type | None) -> tuple[int, bool, bool]:
    """The lower the better a type's name says what leaks."""
    if cls is None or is_plumbing(cls):
        return 3, False, False
    # A task says what is done; a future, that somebody waits for it.
    waits = full_type_name(cls) in FUTURES
    return whose(module_name(cls)), waits, qualified_name(cls).rpartition(".")[2].startswith("_")


def whose(name: str) -> int:
    """0 for a module of the program, 1 of a library, 2 of the standard library."""
    if is_standard_module(name):
        return 2
    module = loaded(name)
    return int(is_module(module) and is_library_module(name, module))
