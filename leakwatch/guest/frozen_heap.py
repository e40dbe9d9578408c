"""The heap as we have frozen it, and what the program does to it meanwhile.

It may be interrupted between two lines, by a signal whose handler raises, and is therefore put down
before it is done: `heap.frozen` is set before the heap is frozen and cleared after it is thawed, so
that a half-done step is found and finished by the next.

A freeze makes everything old and starts the counts of the automatic collector anew. Where scopes
follow one another it would never come to what is garbage by then, nor to what becomes garbage
later. So the young are collected before (`age_the_young`), and everything once enough was aged.
"""

import sys
from collections.abc import Callable
from itertools import repeat
from operator import is_

from leakwatch.guest.collector import (
    FROZEN_AT_START,
    collect,
    collect_before_aging,
    collect_youngest,
    collector_runs,
    freeze,
    freeze_count,
    get_objects,
    unfreeze,
)
from leakwatch.guest.guarded import native
from leakwatch.interpreter import getallocatedblocks, monotonic

AT_WORK = 1.0
"""Seconds that a collection of everything is given."""
SHARE = 50
"""Everything is collected, and not again for so many times as long as that takes."""
FROZEN = "the program called gc.freeze() meanwhile: what was born before that is out of sight"
THAWED = "the program called gc.unfreeze() meanwhile: old and new objects cannot be told apart"


def is_among(wanted: object, listed: list[object]) -> bool:
    """Whether a list has this very object; `in` would ask the others whether they are equal."""
    return any(map(is_, listed, repeat(wanted)))


is_in: Callable[[object, list[object]], bool] = is_among if native is None else native.is_in


class Sign:
    """An object of leakwatch's: whether the collector sees it shows what was frozen, and when."""

    __slots__ = ("__weakref__",)


class Heap:
    """What we have done to the collector's view of the heap; there is one.

    Attributes:
        frozen: whether it is frozen by us, or was about to be.
        old: made right before the freeze: in sight only if somebody has thawed the heap.
        new: made right after it: out of sight only if somebody has frozen once more.
        since: monotonic time of the freeze.
        due: monotonic time from which a renewal may collect again.
        rested: monotonic time from which on a window may be opened beside other work.
        blocks: how many small blocks Python had when everything was collected.
        aged: how many objects our freezes have made old since everything was collected.
        size: how many objects there were then.
    """

    __slots__ = ("aged", "blocks", "due", "frozen", "new", "old", "rested", "since", "size")

    def __init__(self) -> None:
        self.frozen = False
        self.old: Sign | None = None
        self.new: Sign | None = None
        self.since = self.due = self.rested = 0.0
        self.aged = self.size = self.blocks = 0


heap = Heap()


MOST_AGED = 7_000
"""Objects that may be aged before everything is collected: as many as pass the two younger
generations before the collector looks at the old one. In a heap that is more than four times as
large it waits for a quarter of that, and so do we."""


def age_the_young() -> None:
    """Collect the youngest objects before a freeze, and count what is young still.

    Finalizers of the program run in it, so it is done without the lock.
    """
    if collector_runs():
        heap.aged += collect_before_aging()


def much_is_aged() -> bool:
    """Whether everything should be collected, because our freezes have made so much old."""
    most = max(MOST_AGED, heap.size // 4)
    if heap.aged > most:
        heap.aged = left_of(heap.aged, heap.blocks)
    return heap.aged > most


def left_of(frozen: int, blocks: int) -> int:
    """How many of so many frozen objects are there still, at the most.

    Most of them die as their references go. Each that is left has a small block or more, and those
    are counted in microseconds.

    Args:
        frozen: how many objects were frozen.
        blocks: how many small blocks Python had before.
    """
    return min(frozen, max(0, getallocatedblocks() - blocks))


def collect_rationed() -> int:
    """Collect everything, and not again for so many times as long as that takes.

    Returns:
        how many objects were unreachable.
    """
    began = monotonic()
    # Before it is done: a signal handler that opens a scope meanwhile is not to begin another.
    heap.aged, heap.due = 0, began + AT_WORK
    found = collect()
    done = monotonic()
    heap.size, heap.blocks = len(get_objects()), getallocatedblocks()
    heap.due = done + SHARE * (done - began)
    return found


def freeze_heap() -> None:
    """Freeze the heap: the collector sees no object that is there now."""
    if not heap.frozen:
        note_immortals()
    heap.since = monotonic()
    heap.old = Sign()
    heap.new = None
    heap.frozen = True
    freeze()
    heap.new = Sign()


def thaw() -> None:
    """Show the whole heap again, unless the program itself has frozen it meanwhile."""
    if not heap.frozen:
        return
    if disturbed() is not FROZEN:
        unfreeze()
        freeze_immortals()
    heap.frozen = False


def disturbed() -> str | None:
    """What the program has done to our freeze, or None."""
    visible = get_objects()
    reason = disturbed_in(visible)
    visible.clear()
    return reason


def disturbed_in(visible: list[object]) -> str | None:
    """What the program has done to our freeze, by what is in sight; or None."""
    if heap.new is not None and not is_in(heap.new, visible):
        return FROZEN
    return THAWED if is_in(heap.old, visible) else None


# CPython 3.12 keeps its immortal objects frozen, 375 of them when it starts: each collection moves
# those that it meets to where `gc.freeze` puts the whole heap. So `gc.unfreeze`, which ends our own
# freeze, brings them back among the others, until the next full collection. They are put right at
# once: made the youngest, and the youngest generation collected. Where nothing may be collected
# now, all others are made old before.

_immortals: list[object] = []

track_anew: Callable[[list[object]], None] | None = None
if sys.version_info[:2] == (3, 12) and native is not None:  # without it they come back with time
    track_anew = native.track_anew


def note_immortals() -> None:
    """Note the immortal objects, before leakwatch freezes the heap."""
    if track_anew is None:
        return
    count = freeze_count()
    if count <= FROZEN_AT_START and count != len(_immortals):  # none of them is the program's
        unfreeze()  # that appends them to the oldest
        oldest = get_objects(2)
        _immortals[:] = oldest[len(oldest) - count :]
        oldest.clear()


def freeze_immortals() -> None:
    """Freeze the immortal objects again, after leakwatch has thawed the heap."""
    if track_anew is not None and _immortals:
        if not collector_runs():
            # It would free what the program, or we, have just stopped it from freeing.
            freeze()
            unfreeze()
        track_anew(_immortals)
        collect_youngest()


_harvests: dict[object, Callable[[list[object]], None]] = {}


def on_harvest(key: object, take: Callable[[list[object]], None]) -> None:
    """Have what the window shows looked at before it is closed.

    Args:
        key: who asks for the same once more with the same key is served already.
        take: called once with the objects in sight; it keeps none of them.
    """
    _harvests[key] = take


def harvest() -> None:
    """Call what was given to `on_harvest` with the objects in sight."""
    if not _harvests:
        return
    takers = list(_harvests.values())
    _harvests.clear()
    if disturbed() is None:
        visible = get_objects()
        for take in takers:
            take(visible)
        visible.clear()


def forget_harvests() -> None:
    """Forget what was given to `on_harvest`."""
    _harvests.clear()
