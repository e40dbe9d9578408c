"""Looks at a program while it runs, which show at its end what has become more all the time.

A thread looks every so often at what was born since the program began: addresses only. At the end
each survivor has an age, and what stands since the beginning, what was filled once, and what is
replaced all the time are told from what grows. Time is counted as work: what a program that
waits, or imports, leaves or does not leave proves nothing.

The thread is none of the program's own, and rests while the program forks.
"""

import os
import sys
from _thread import allocate_lock, start_new_thread
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import dropwhile, islice, pairwise
from time import process_time
from types import CoroutineType, FrameType

from leakwatch.cli.top_level import Frames, TopLevel
from leakwatch.growth.own_notes import Ids, Notes
from leakwatch.heap.fields import file_of
from leakwatch.heap.graph import census
from leakwatch.heap.listing import listed_addresses, listed_census
from leakwatch.heap.provenance import is_library_file, is_own_frame
from leakwatch.heap.roots.frames import read_variables
from leakwatch.interpreter import current_thread_id, monotonic, thread_time
from leakwatch.monitoring.census import Addresses, there_since

WORK = 0.01
"""Seconds of processor time between two looks at the beginning."""
MOST_LOOKS = 17
"""Looks that are kept; then every second one is left out, and the work between two doubles."""
COST = 50
"""Between two looks passes so many times what one takes: 2 % of the time."""
STRETCHES = 3
"""Parts of the work, in each of which objects must have come."""
LEAST_WORK = 0.05
"""Seconds of processor time in which growth can be seen."""
BEGINNING = 0.1
"""Part of the work, before the end of which a program is taken to have hardly worked."""
SOME = 20
"""Objects of a type of an installed package, below which it is not asked about."""
MOST_DEPTH = 8
"""Functions from the top level down whose variables are kept until the next look at the stack."""
SHORTEST, LONGEST = 0.005, 0.05
"""Seconds between two looks at the stack: a part of the time for which the program has run."""
PART = 0.005


@dataclass(frozen=True, slots=True)
class Look:
    """What there was at one moment.

    Attributes:
        at: when, as `monotonic` tells the time.
        work: processor time that the program has used by then, without that of imports.
        there: addresses of all that was born since the program began.
        counts: how many that are, by the id of their type.
    """

    at: float
    work: float
    there: bytes
    counts: Notes[int]


class Looks(list[Look]):
    """A class of leakwatch, so that it is none of the newborn."""

    __slots__ = ()


class ProgramLooks:
    """Looks at this process from `start` until `stop`.

    Args:
        every: the longest time between two looks, in seconds.
        top_level: of the program; it is told what runs in the main thread.

    Attributes:
        looks: in their order; the first is from before the program.
    """

    # What has no dict of its own is not born with one in the window.
    __slots__ = (
        "_done",
        "_every",
        "_main",
        "_modules",
        "_running",
        "_spent",
        "_top_level",
        "_unit",
        "_used",
        "_wake",
        "_work",
        "looks",
    )

    def __init__(self, every: float, top_level: TopLevel) -> None:
        self._every = every
        self._unit = WORK
        self._top_level = top_level
        self._main = current_thread_id()
        self._wake = allocate_lock()
        self._done = allocate_lock()
        self._running = False
        self._spent = 0.0
        self._used = self._work = 0.0
        self._modules = 0
        self.looks = Looks()

    def start(self) -> None:
        """Look now, and from now on."""
        self._used, self._modules = process_time(), len(sys.modules)
        self._look()
        self._begin()
        _looking.append(self)

    def _begin(self) -> None:
        self._wake, self._done = allocate_lock(), allocate_lock()
        self._wake.acquire()
        self._done.acquire()
        with suppress(RuntimeError):  # no thread can be started: nothing will be measured
            start_new_thread(self._run, ())
            self._running = True

    def rest(self) -> None:
        """End the thread, and wait until it has ended; `go_on` starts another."""
        if self._running:
            self._running = False
            self._wake.release()
            self._done.acquire(True, 1.0)

    def go_on(self) -> None:
        """Go on after a rest, or a stop."""
        if self not in _looking:
            _looking.append(self)
        if not self._running:
            self._begin()

    def stop(self) -> None:
        """Look no more."""
        if self in _looking:
            _looking.remove(self)
            self.rest()

    def _run(self) -> None:
        wake, done = self._wake, self._done
        try:
            rested = monotonic()
            while not wake.acquire(True, self._tick()):
                self._top_level.see(outermost(self._main))
                if monotonic() >= rested and self._is_due():
                    before = thread_time()
                    self._look()
                    took = thread_time() - before
                    self._spent += took
                    rested = monotonic() + took * COST
        except Exception:  # noqa: BLE001 - want of memory: nothing more is measured
            pass
        finally:
            done.release()

    def _tick(self) -> float:
        return min(max(SHORTEST, PART * (monotonic() - self.looks[0].at)), LONGEST)

    def _is_due(self) -> bool:
        """Whether the program has done enough for another look, or nobody has looked for long."""
        used = process_time() - self._spent - self._used
        return used >= self._unit or monotonic() - self.looks[-1].at >= self._every

    def _look(self) -> None:
        # Here the collector lists the newborn only: what was there before is frozen.
        there = listed_addresses()
        counts = Notes((id(cls), count) for cls, count in listed_census())
        used, modules = process_time() - self._spent, len(sys.modules)
        if modules == self._modules:
            self._work += max(0.0, used - self._used)
        self._used, self._modules = used, modules
        idle = len(self.looks) > 2 and self.looks[-2].work == self.looks[-1].work == self._work
        if idle:
            self.looks.pop()
        self.looks.append(Look(monotonic(), self._work, there, counts))
        if len(self.looks) > MOST_LOOKS:
            del self.looks[1:-1:2]
            self._unit *= 2

    def course(self) -> "Course | None":
        """What the looks show, or None where they are too few, or saw too little work."""
        parts = stretches([it.work for it in self.looks])
        if parts is None:
            return None
        return Course(self.looks, parts)


def outermost(thread: int) -> Frames:
    """The outermost frames of the program on the stack of a thread, outermost first.

    With those of the coroutines that a library's function among them was given, as `asyncio.run`
    is, and of what these wait for.
    """
    frames, frame = Frames(), sys._current_frames().get(thread)
    while frame is not None:
        frames.append(frame)
        frame = frame.f_back
    frames.reverse()
    # Below ours is at most the script that was installed as the command.
    inner = dropwhile(is_own_frame, dropwhile(lambda it: not is_own_frame(it), frames))
    found = Frames(islice(inner, MOST_DEPTH))
    libraries = [it for it in found if is_library_file(file_of(it.f_code))]
    # The variables of the program's own functions are left alone: before CPython 3.13 to read
    # them writes to the dict that `locals()` has given it.
    for given in [value for it in libraries for value in read_variables(it).values()]:
        found += frames_of_coroutines(given)
    return found


def frames_of_coroutines(given: object) -> Iterator[FrameType]:
    """The frames of a coroutine, and of those that it waits for; of other objects none."""
    for _ in range(MOST_DEPTH):
        if type(given) is not CoroutineType or given.cr_frame is None:
            return
        yield given.cr_frame
        given = given.cr_await


def stretches(work: Sequence[float]) -> list[int] | None:
    """For each time between two looks the part of the work that it is in; None if too little.

    Args:
        work: what was done by each look.
    """
    whole = work[-1] - work[0] if work else 0.0
    if whole < LEAST_WORK:
        return None
    middles = ((before + after) / 2 - work[0] for before, after in pairwise(work))
    parts = [min(int(STRETCHES * it / whole), STRETCHES - 1) for it in middles]
    return parts if len(set(parts)) == STRETCHES else None


class Ages(Notes[int]):
    """By id, which look saw a survivor first; of all else, whether it came with the work.

    Args:
        before: addresses of what was there before.
    """

    __slots__ = ("_before",)

    def __init__(self, before: bytes) -> None:
        super().__init__()
        self._before = Addresses(before)

    def __contains__(self, address: object) -> bool:
        return type(address) is int and address not in self._before


class Course:
    """Ages of the survivors of a program.

    Args:
        looks: the looks at it.
        parts: for each time between two looks the part of the work that it is in.

    Attributes:
        seconds: from the first look to the last.
        ages: of the survivors that were noted.
    """

    __slots__ = ("_looks", "_parts", "_shares", "ages", "seconds")

    def __init__(self, looks: Sequence[Look], parts: Sequence[int]) -> None:
        self._looks = looks
        self._parts = parts
        self.seconds = looks[-1].at - looks[0].at
        self.ages = Ages(self._beginning().there)
        self._shares = [self._share(part) for part in range(STRETCHES)]

    def _share(self, part: int) -> float:
        whole = self._looks[-1].work - self._looks[0].work
        spans = zip(self._parts, pairwise(self._looks), strict=True)
        return sum(after.work - before.work for it, (before, after) in spans if it == part) / whole

    def note_ages(self, survivors: Iterable[int]) -> None:
        """Note for each survivor, by id, the number of the look that saw it first.

        One that no look has seen gets a number that there is not.
        """
        wanted = Ids(survivors)
        self.ages.update((it, len(self._looks)) for it in wanted)
        for number, there in there_since(wanted, [it.there for it in self._looks]):
            self.ages.update((it, number) for it in there)

    def _beginning(self) -> Look:
        """The last look at which the program had hardly worked."""
        little = self._looks[0].work + BEGINNING * (self._looks[-1].work - self._looks[0].work)
        return [it for it in self._looks if it.work <= little][-1]

    def stood(self, survivor: int) -> bool:
        """Whether an object was there when the program began to work."""
        return survivor not in self.ages

    def may_be_in_use(self, survivor: int) -> bool:
        """Whether an object is so young that work in flight may need it: a request, a task."""
        return self.ages[survivor] == len(self._looks)

    def growing_types(self, born: Iterable[object], judged: Callable[[type], bool]) -> Ids:
        """Ids of those types whose objects came with the work, of which there are some.

        Args:
            born: what was born since the program began; read, not kept.
            judged: whether a type is asked about.
        """
        by_type = {kind: Ids() for kind in of_some_number(born, judged)}
        for found in born:
            if (own := by_type.get(id(type(found)))) is not None:
                own.add(id(found))
        for own in by_type.values():
            self.note_ages(own)
        return Ids(
            kind for kind, own in by_type.items() if self.grows([self.ages[it] for it in own], kind)
        )

    def grows(self, ages: Iterable[int], kind: int) -> bool:
        """Whether survivors came with the work, from its beginning to its end.

        What was filled once leaves none from late work, what is replaced none from early work. As
        the memory of what dies is used again, the objects of the type must become more, too.

        Args:
            ages: of the survivors, as they were noted.
            kind: the id of their type.
        """
        counts = [0] * STRETCHES
        for age in ages:
            # One that was there at the first look came before the work.
            if 0 < age < len(self._looks) and self._looks[age].work > self._looks[age - 1].work:
                counts[self._parts[age - 1]] += 1
        return self._keeps_on(counts) and self._keeps_on(self._more_of(kind))

    def _keeps_on(self, counts: Sequence[int]) -> bool:
        """Whether some came in each part of the work, and as many in the last as before."""
        return min(counts) > 0 and 2 * counts[-1] >= self._shares[-1] * sum(counts)

    def _more_of(self, kind: int) -> list[int]:
        """By how many the objects of a type became more in each part of the work."""
        ends = [0] * STRETCHES
        for part, look in zip(self._parts, self._looks[1:], strict=True):
            ends[part] = look.counts.get(kind, 0)
        before = [self._beginning().counts.get(kind, 0), *ends]
        return [after - it for it, after in pairwise(before)]


def of_some_number(born: Iterable[object], judged: Callable[[type], bool]) -> Iterator[int]:
    """Yield the ids of types of which there are some objects."""
    for cls, count in census(list(born)):
        if count >= SOME and judged(cls):
            yield id(cls)


_looking: list[ProgramLooks] = []


def rest_all() -> None:
    """Before a fork: a process with another thread of ours would be warned of it."""
    for looks in _looking:
        looks.rest()


def go_on_all() -> None:
    """After it, in the parent."""
    for looks in _looking:
        looks.go_on()


def forget_all() -> None:
    """After it, in the child, which begins anew if it is to be judged."""
    _looking.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=rest_all, after_in_parent=go_on_all, after_in_child=forget_all)
