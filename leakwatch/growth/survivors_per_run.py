"""Which objects are alive after each run of repeated work, and whether they become more."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from leakwatch.growth.allocation_sites import Place, listening, place_of
from leakwatch.growth.growing_containers import Containers, every_container, newest
from leakwatch.growth.insertion_sites import MOST_RUNS as MOST_TRACED_RUNS
from leakwatch.growth.insertion_sites import Insertions
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
        lasting: ids of the asking module's globals after the warm-up.
        exit_callbacks: how many callbacks atexit had at the start.
        collections: how many times the newborn were collected.
    """

    def __init__(self, *, collecting: bool) -> None:
        self._collecting = collecting
        self._kinds: dict[int, int] = {}
        self._settled: set[int] = set()
        # A dict that is empty is not tracked, and looks newborn once something is in it.
        self._own = {id(self._kinds)}
        self._window: Window | None = None
        self._containers = Containers()
        self.ages: dict[int, int] = {}
        self.grown: dict[int, GrownContainer] = {}
        self.exit_callbacks = 0
        self.lasting: frozenset[int] = frozenset()
        self.places: dict[int, Place] = {}
        self.insertions: dict[int, Place] | None = None
        self.runs = 0
        self.collections = 0
        self.unfinished = False

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
        self._settled = set(map(id, living))
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
            found += [(id(it), place_of(newest(it)[0])) for it in growing if len(it)]
        growing.clear()
        self.places.update((it, place) for it, place in found if place is not None)

    def locate_insertions(self, call: Callable[[], object]) -> None:
        """Do the work a few times more, and note which lines add to what grows."""
        with suspended():
            growing = self._containers.still_there()
            self._settle()
        # The containers in which we count ourselves.
        ours = (self._kinds, self._settled, self.ages, self.grown, self.places, self._own)
        own = self._containers.notes_by_id() | frozenset(map(id, ours))
        insertions = Insertions([it for it in growing if id(it) not in own])
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
        found = still_there(self._kinds)
        containers = self._containers.alive()
        self.grown.update(self._containers.growth_of(containers, self.runs))
        found += containers
        containers.clear()
        return found

    def review(self, leak: Leak, ages: Sequence[int]) -> Leak | None:
        """The leak with its growth per run, or None if it does not keep growing."""
        growth = len(ages) / self.runs
        if growth < LEAST_RATE or not keeps_growing(ages, self.runs):
            return None
        return replace(leak, growth=round(growth, 2))

    def own_bytes(self) -> int:
        """Bytes that this tally keeps: they are no growth of the program's."""
        notes = sum(map(shallow_size, (self._kinds, self._settled, self.ages)))
        return notes + len(self.ages) * BYTES_OF_A_NOTE

    def notes(self) -> tuple[str, ...]:
        """Notes on how often the work was done, and on what speaks against the result."""
        often = f"the work was done {self.runs:,} times after the warm-up"
        doubt = "; it still grew, as a cache does that is larger than that"
        notes = [often + doubt * self.unfinished]
        if not self._collecting:
            notes.append(
                "automatic collection is off in this program, so cyclic garbage counts as a leak"
            )
        return tuple(notes)


def keeps_growing(ages: Sequence[int], runs: int, parts: int = 4) -> bool:
    """Whether survivors come from every part of the runs, and as many from the last as before.

    A cache that has filled leaves none from late runs; one that replaces its entries none
    from early runs.
    """
    counts = [0] * parts
    for age in ages:
        counts[age * parts // runs] += 1
    return all(counts) and counts[-1] * 2 * parts >= len(ages)
