"""Which objects are alive after each run of repeated work, and whether they become more."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace

from leakwatch.growth.allocation_sites import Place, listening, place_of
from leakwatch.growth.growing_containers import Containers, every_container, newest
from leakwatch.growth.insertion_sites import MOST_RUNS as MOST_TRACED_RUNS
from leakwatch.growth.insertion_sites import Insertions
from leakwatch.growth.own_notes import Ids, Notes
from leakwatch.guest.collector import collect
from leakwatch.guest.guarded import Guarded
from leakwatch.heap.objects import shallow_size
from leakwatch.heap.provenance import asking_globals
from leakwatch.interpreter import exit_callbacks
from leakwatch.model import GrownContainer, Leak
from leakwatch.tracking.newborn import kinds_of, may_leak_again, still_there
from leakwatch.tracking.window import Window, suspended

FEW_RUNS = 16
"""Below so many runs, halves are compared and not quarters when asking whether to go on."""
BYTES_OF_A_NOTE = 64
"""Of each survivor two whole numbers are kept: its address and the run it was born in."""
LARGEST_CACHE = 16 << 20
"""Bytes of a full container with a bound of its own; what may become larger is told as a leak."""
LEAST_RATE = 0.2
"""Survivors per run below which growth is no growth: one in five runs."""


class Tally(Guarded):
    """Counts the objects that are alive after each run, by id and type; keeps none of them alive.

    Attributes:
        grown: the containers among what `alive` gave last, with their growth.
        ages: for each living object the run in which it was born, counted from 0.
        places: the lines that created the survivors of one run, or what a container got in it.
        insertions: the lines that add to growing containers, by id; None if nobody asked.
        runs: how many runs were counted.
        unfinished: whether something still grew when the repetition was ended.
        used_up: what the work had too many of to go on, in words, or empty.
        failure: by which exception of the work it was ended, in words, or None.
        lasting: ids of the asking module's globals after the warm-up.
        exit_callbacks: how many callbacks atexit had at the start.
        collections: how many times the newborn were collected.
    """

    def __init__(self, *, collecting: bool) -> None:
        self._collecting = collecting
        self._kinds = Notes[int]()
        self._settled = Ids()
        self._own = Ids()
        self._recent = self._last = 0
        self._window: Window | None = None
        self._containers = Containers()
        self.ages = Notes[int]()
        self.grown = Notes[GrownContainer]()
        self.exit_callbacks = 0
        self.lasting: frozenset[int] = frozenset()
        self.places = Notes[Place]()
        self.insertions: dict[int, Place] | None = None
        self.runs = 0
        self.collections = 0
        self._filling: dict[str, str] = {}
        self.unfinished = False
        self.used_up = ""
        self.failure: str | None = None

    def _enter(self) -> None:
        self.open()

    def _exit(self, *failure: object) -> None:
        self.close()

    def _end(self) -> None:
        self.close()

    def open(self) -> None:
        """Start counting; from here on the older heap is out of sight."""
        if self._collecting:
            collect()
        self._containers.start()
        self.exit_callbacks = exit_callbacks()
        self.lasting = asking_globals()
        self._window = Window()
        # As `measure` will: the first looks at the whole heap make the process grow.
        for _ in range(2):
            with suspended():
                every_container().clear()
                still_there({}).clear()

    def measure(self, runs: int) -> None:
        """Note the lengths of containers, and which objects are alive, after so many runs.

        What is there is hidden from the looks after each run, which so stay cheap.
        """
        with suspended():
            if self._collecting:
                collect()
            self._containers.keep_growing(LEAST_RATE * runs)
            self._settle()

    def _settle(self) -> None:
        """Note which objects are alive while the whole heap can be seen, and forget the others."""
        living = still_there(self._kinds)
        self._settled = Ids(map(id, living))
        living.clear()
        self._forget(found for found in list(self._kinds) if found not in self._settled)

    def count(self, runs: int = 1) -> None:
        """Note which objects are alive after a run, or after several."""
        assert self._window is not None
        if self._collecting:
            self._window.collect()
            self.collections += 1
        born = self._window.recent()
        here = kinds_of(born, may_leak_again)
        born.clear()
        for own in self._own:
            here.pop(own, None)
        self._forget_the_dead(here)
        for found, kind in here.items():
            if found not in self.ages:
                self.ages[found] = self.runs
                self._kinds[found] = kind
        self._recent, self._last = self._last, self.runs
        self.runs += runs

    def _forget_the_dead(self, here: dict[int, int]) -> None:
        kinds, settled = self._kinds, self._settled
        # What has settled is out of sight; who is seen at its address was born since.
        self._forget([found for found in here if found in settled])
        settled.difference_update(here)
        self._forget([f for f, kind in kinds.items() if here.get(f) != kind and f not in settled])

    def _forget(self, dead: Iterable[int]) -> None:
        for found in dead:
            del self.ages[found], self._kinds[found]

    def locate(self, call: Callable[[], object]) -> None:
        """Do the work once more, and note where what it leaves behind is created."""
        # Before tracemalloc listens: it makes the search for them ten times as slow.
        with suspended():
            growing = self._containers.still_there()
        self._own.add(id(growing))
        with listening():
            call()
            self.count()
            assert self._window is not None
            last, born = self.runs - 1, self._window.recent()
            found = [(id(it), place_of(it)) for it in born if self.ages.get(id(it)) == last]
            born.clear()
            found += [(id(it), place_of(some[0])) for it in growing if (some := newest(it))]
        growing.clear()
        self.places.update((it, place) for it, place in found if place is not None)

    def locate_insertions(self, call: Callable[[], object]) -> None:
        """Do the work a few times more, and note which lines add to what grows."""
        with suspended():
            growing = self._containers.still_there()
            self._settle()
        insertions = Insertions(growing)
        growing.clear()
        for _ in range(MOST_TRACED_RUNS):
            if not insertions.is_done():
                insertions.watch(call)
                self.count()
        insertions.close()
        self.insertions = insertions.places

    def still_growing(self) -> bool:
        """Whether some type, or some container, has grown throughout."""
        parts = 2 if self.runs < FEW_RUNS else 4
        ages_by_kind: dict[int, list[int]] = {}
        for found, kind in self._kinds.items():
            ages_by_kind.setdefault(kind, []).append(self.ages[found])
        return len(self._containers) > 0 or any(
            keeps_growing(ages, self.runs, parts) for ages in ages_by_kind.values()
        )

    def close(self) -> None:
        """Let the collector see the whole heap again."""
        if self._window is not None:
            self._window.close()

    def alive(self) -> list[object]:
        """The survivors; borrowed, to be cleared by the caller."""
        # Before any list of ours is made, which may get the address of a survivor that died.
        found = still_there(self._kinds_that_stay())
        containers = self._containers.alive()
        self.grown.update(self._containers.growth_of(containers, self.runs))
        found += containers
        containers.clear()
        return found

    def _kinds_that_stay(self) -> dict[int, int]:
        """The type by id of each survivor, but for types that each run replaces.

        The head of a chain that is wrapped anew is from the last run, and must not stand for what
        hangs from it. A class that is made in each run has few instances, and may leak.
        """
        if self.runs < FEW_RUNS:
            return self._kinds
        oldest = Notes[int]()
        for found, kind in self._kinds.items():
            oldest[kind] = min(self.ages[found], oldest.get(kind, self.runs))
        return Notes(
            (found, kind)
            for found, kind in self._kinds.items()
            if oldest[kind] < self._recent or kind in self.ages
        )

    def review(self, leak: Leak, by_type: Mapping[str, Sequence[int]]) -> Leak | None:
        """The leak with its growth per run, or None if it does not keep growing."""
        ages = by_type[leak.type_name]
        if is_filling(leak):
            self._filling[leak.signature] = filling(leak)
            return None
        growth = len(ages) / self.runs
        if growth < LEAST_RATE or not keeps_growing(ages, self.runs):
            if is_full(leak):
                self._filling[leak.signature] = filling(leak)
            return None
        return replace(leak, growth=round(growth, 2))

    def own_bytes(self) -> int:
        """Bytes that this tally keeps: they are no growth of the program's."""
        notes = sum(map(shallow_size, (self._kinds, self._settled, self.ages)))
        return notes + len(self.ages) * BYTES_OF_A_NOTE

    def late_notes(self) -> tuple[str, ...]:
        """Notes on what was found and is none of the leaks."""
        return tuple(self._filling.values())

    def notes(self) -> tuple[str, ...]:
        """Notes on how often the work was done, and on what speaks against the result."""
        often = f"the work was done {self.runs:,} times after the warm-up"
        doubt = "; it still grew, as a cache does that is larger than that"
        notes = [often + doubt * self.unfinished]
        if self.used_up:
            notes.append(f"it was not done more often, for the process had {self.used_up}")
        if not self._collecting:
            notes.append(
                "automatic collection is off in this program, so cyclic garbage counts as a leak"
            )
        return tuple(notes)


def is_filling(leak: Leak) -> bool:
    """Whether a container has not yet all that it can have, and that is little."""
    if leak.at_most is None or leak.count >= leak.at_most:
        return False
    return leak.retained_bytes * leak.at_most <= LARGEST_CACHE * leak.count


def is_full(leak: Leak) -> bool:
    """Whether a container has all that it can have; it may hold several objects by an entry."""
    return leak.at_most is not None and leak.count >= leak.at_most


def filling(leak: Leak) -> str:
    """What is said of a container that fills, and then stops."""
    if is_full(leak):
        return f"{leak.cause} is full: {leak.count:,} {leak.type_name}, it grows no more"
    full = f"{leak.count:,} of at most {leak.at_most:,}"
    return f"{leak.cause} fills, and then stops growing: {full} {leak.type_name}"


def keeps_growing(ages: Sequence[int], runs: int, parts: int = 4) -> bool:
    """Whether survivors come from every part of the runs, and as many from the last as before.

    A cache that has filled leaves none from late runs; one that replaces its entries none
    from early runs.
    """
    counts = [0] * parts
    for age in ages:
        counts[age * parts // runs] += 1
    return all(counts) and counts[-1] * 2 * parts >= len(ages)
