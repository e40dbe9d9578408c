"""What grows each time some work is done: survivors by generation window, run by run.

After BLeak and fuite: repeat the work, and accuse only what keeps growing. Caches fill and
then stop, so where something grows the work is repeated more often, until the growth stops
or the time is spent.
"""

import asyncio
import inspect
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from leakwatch.case import Case, Host
from leakwatch.errors import ConfigurationError
from leakwatch.growing_containers import Containers
from leakwatch.heap.frame_roots import asking_frame, asking_globals
from leakwatch.interpreter import collect, gc_is_enabled, get_objects, monotonic
from leakwatch.model import GrownContainer, Leak, Settling
from leakwatch.newborn import is_candidate
from leakwatch.report import Report
from leakwatch.window import Window, suspended

Work = Callable[[], Any]

ESCALATION = 3
"""Each further round repeats the work this many times as often as all before."""
ROUNDS = 3
SECONDS = 4.0
"""Time after which no further round is begun."""
QUARTERS = 4
LEAST_RATE = 0.2
"""Survivors per run below which growth is no growth: one in five runs."""


def hunt(work: Work, runs: int, warmup: int, host: Host) -> Report:
    """Repeat the work and report what keeps growing.

    Args:
        work: a function or coroutine function without arguments.
        runs: how often to call it at least.
        warmup: how often to call it before anything is counted.
        host: the session.

    Returns:
        the report, each leak with its growth per run.
    """
    if runs < 2 or warmup < 0:
        raise ConfigurationError(
            f"hunt needs runs >= 2 and warmup >= 0, got runs={runs} and warmup={warmup}"
        )
    name = name_of(work)
    figures = host.open(name)
    lasting = asking_globals()
    tally = Tally(collecting=gc_is_enabled())
    with caller(work) as call:
        for _ in range(warmup):
            call()
        tally.open()
        try:
            repeat(call, runs, tally)
        finally:
            tally.close()
    case = Case(
        name=name,
        kind="hunt",
        survivors=tally.alive,
        doom=f"left behind by a run of {name}",
        ages=tally.ages,
        grown=tally.grown,
        asking=asking_frame(),
        lasting=lasting,
        owners_only=True,
        settling=Settling(collections=tally.collections),
        memory=host.figures(figures),
        notes=tally.notes(),
        review=tally.review,
    )
    return host.conclude(case)


def repeat(call: Work, runs: int, tally: "Tally") -> None:
    """The asked number of runs, then more for as long as something grows."""
    started = monotonic()
    for _ in range(ROUNDS):
        for half in (runs // 2, runs - runs // 2):
            for _ in range(half):
                call()
                tally.count()
            tally.measure(half)
        spent = monotonic() - started
        if not tally.still_growing(runs) or spent * (1 + ESCALATION) > SECONDS:
            return
        runs = tally.runs * (ESCALATION - 1)


@contextmanager
def caller(work: Work) -> Iterator[Work]:
    """The work as a plain call; a coroutine function runs on one event loop throughout."""
    if not inspect.iscoroutinefunction(work):
        yield work
        return
    with asyncio.Runner() as runner:
        yield lambda: runner.run(work())


def name_of(work: Work) -> str:
    """`module.qualname` of a function, or the type of another callable."""
    named: Any = work if hasattr(work, "__qualname__") else type(work)
    return f"{named.__module__}.{named.__qualname__}"


class Tally:
    """Which objects are there after each run, by id and type; nothing is kept alive.

    Attributes:
        grown: the containers among what `alive` gave last, with their growth.
        ages: for each living object the run in which it was born, counted from 0.
        runs: how many runs were counted.
        collections: how many times the newborn were collected.
    """

    def __init__(self, *, collecting: bool) -> None:
        self._collecting = collecting
        self._kinds: dict[int, int] = {}
        self._growth: dict[int, list[int]] = {}
        self._settled: set[int] = set()
        # A dict that is empty is not tracked, and looks newborn once something is in it.
        self._own: set[int] = {id(self._kinds), id(self._growth)}
        self._window: Window | None = None
        self._containers = Containers()
        self.ages: dict[int, int] = {}
        self.grown: dict[int, GrownContainer] = {}
        self.runs = 0
        self.collections = 0

    def open(self) -> None:
        """Start counting; from here on the older heap is out of sight."""
        if self._collecting:
            collect()
        self._containers.start()
        self._window = Window()

    def measure(self, runs: int) -> None:
        """Look at the lengths of containers, and at who is still there, after so many runs.

        What is there is hidden from the looks after each run, which so stay cheap.
        """
        with suspended():
            if self._collecting:
                collect()
            self._containers.keep_growing(LEAST_RATE * runs)
            living = self._living()
            self._settled = set(map(id, living))
            living.clear()
        self._forget(found for found in list(self._kinds) if found not in self._settled)

    def count(self) -> None:
        """Look at what is there after a run."""
        assert self._window is not None
        if self._collecting:
            self._window.collect()
            self.collections += 1
        born = self._window.recent()
        here = self._kinds_of(born)
        born.clear()
        self._forget_the_dead(here)
        for found, kind in here.items():
            if found not in self.ages:
                self.ages[found] = self.runs
                self._kinds[found] = kind
        self._note_growth(here)
        self.runs += 1

    def _kinds_of(self, born: list[object]) -> dict[int, int]:
        """Type id by id of what counts; a plain loop, as a closure's cell would be newborn."""
        kinds = {}
        for found in born:
            if id(found) not in self._own and is_candidate(found, None):
                kinds[id(found)] = id(type(found))
        return kinds

    def _forget_the_dead(self, here: dict[int, int]) -> None:
        kinds, settled = self._kinds, self._settled
        self._forget([f for f, kind in kinds.items() if here.get(f) != kind and f not in settled])

    def _forget(self, dead: Iterable[int]) -> None:
        for found in dead:
            del self.ages[found], self._kinds[found]

    def _note_growth(self, here: dict[int, int]) -> None:
        counts: dict[int, int] = {}
        for kind in here.values():
            counts[kind] = counts.get(kind, 0) + 1
        for kind, count in counts.items():
            series = self._growth.get(kind)
            if series is None:
                series = self._growth[kind] = [0] * self.runs
                self._own.add(id(series))
            series.append(count)

    def still_growing(self, runs: int) -> bool:
        """Whether some type has grown in the last third of so many runs."""
        late = max(1, runs // 3)
        return len(self._containers) > 0 or any(
            len(series) == self.runs and series[-1] > series[max(0, len(series) - 1 - late)]
            for series in self._growth.values()
        )

    def close(self) -> None:
        """Let the collector see the whole heap again."""
        if self._window is not None:
            self._window.close()

    def alive(self) -> list[object]:
        """The survivors; borrowed, to be cleared by the caller."""
        containers = self._containers.alive()
        self.grown.update(self._containers.growth_of(containers, self.runs))
        return [*self._living(), *containers]

    def _living(self) -> list[object]:
        everything = get_objects()
        kinds = self._kinds
        found = [it for it in everything if kinds.get(id(it)) == id(type(it))]
        everything.clear()
        return found

    def review(self, leak: Leak, ages: Sequence[int]) -> Leak | None:
        """The leak with its growth per run, or None if it does not keep growing."""
        growth = len(ages) / self.runs
        if growth < LEAST_RATE or not keeps_growing(ages, self.runs):
            return None
        return replace(leak, growth=round(growth, 2))

    def notes(self) -> tuple[str, ...]:
        """How often the work was done, and whether garbage was left to lie."""
        notes = [f"the work was done {self.runs} times after the warm-up"]
        if not self._collecting:
            notes.append(
                "automatic collection is off in this program, so cyclic garbage counts as a leak"
            )
        return tuple(notes)


def keeps_growing(ages: Sequence[int], runs: int) -> bool:
    """Whether survivors come from early, middle and late runs, and as many late as before.

    A cache that has filled leaves none from late runs; one that replaces its entries none
    from early runs.
    """
    quarters = [0] * QUARTERS
    for age in ages:
        quarters[age * QUARTERS // runs] += 1
    return all(quarters) and quarters[-1] * 2 * QUARTERS >= len(ages)
