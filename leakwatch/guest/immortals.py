"""The immortal objects that CPython 3.12 keeps frozen: 375 of them when it starts.

There each collection moves the immortal objects it meets to where `gc.freeze` puts the whole heap.
So `gc.unfreeze`, which ends our own freeze, brings them back among the others, until the next full
collection. They are put right at once: made the youngest, and the youngest generation collected.
Where nothing may be collected now, all others are made old before.
"""

import sys
from collections.abc import Callable

from leakwatch.guest.collector import (
    collect_youngest,
    collector_runs,
    freeze,
    freeze_count,
    get_oldest,
    is_no_freeze_of_the_program,
    unfreeze,
)
from leakwatch.guest.guarded import native

_immortals: list[object] = []

track_anew: Callable[[list[object]], None] | None = None
if sys.version_info[:2] == (3, 12) and native is not None:  # without it they come back with time
    track_anew = native.track_anew


def note_immortals() -> None:
    """Know them, before the heap is frozen by us."""
    if track_anew is None:
        return
    count = freeze_count()
    if count != len(_immortals) and is_no_freeze_of_the_program(count):
        unfreeze()  # that appends them to the oldest
        oldest = get_oldest()
        _immortals[:] = oldest[len(oldest) - count :]
        oldest.clear()


def freeze_immortals() -> None:
    """Have them frozen again, after the heap was thawed by us."""
    if track_anew is not None and _immortals:
        if not collector_runs():
            # It would free what the program, or we, have just stopped it from freeing.
            freeze()
            unfreeze()
        track_anew(_immortals)
        collect_youngest()
