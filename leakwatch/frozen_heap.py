"""The heap as we have frozen it, and what the program does to it meanwhile.

It may be interrupted between two lines, by a signal whose handler raises, and is therefore put down
before it is done: `heap.frozen` is set before the heap is frozen and cleared after it is thawed, so
that a half-done step is found and finished by the next.
"""

from itertools import repeat
from operator import is_

from leakwatch.immortals import freeze_immortals, note_immortals
from leakwatch.interpreter import freeze, get_objects, monotonic, unfreeze

FROZEN = "the program called gc.freeze() meanwhile: what was born before that is out of sight"
THAWED = "the program called gc.unfreeze() meanwhile: old and new objects cannot be told apart"


class Sign:
    """An object of ours: whether the collector sees it tells what was frozen, and when."""

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
    """

    __slots__ = ("due", "frozen", "new", "old", "rested", "since")

    def __init__(self) -> None:
        self.frozen = False
        self.old: Sign | None = None
        self.new: Sign | None = None
        self.since = self.due = self.rested = 0.0


heap = Heap()


def freeze_heap() -> None:
    """Put what is there out of sight."""
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
    reason = None
    if heap.new is not None and not any(map(is_, visible, repeat(heap.new))):
        reason = FROZEN
    elif any(map(is_, visible, repeat(heap.old))):
        reason = THAWED
    visible.clear()
    return reason
