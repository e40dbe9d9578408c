"""Objects born since a moment, without registration: the generation window.

`gc.freeze` moves the whole heap out of the collector's sight by splicing a list, in
microseconds. From then on `gc.get_objects` and `gc.collect` see only what was born since.
The freeze is process-wide: objects of other threads are in the window too, and there is one of
it at a time. Whoever opens a `Window` while the heap is frozen takes a share in it: what is born
already is noted (`Stamp`), or frozen as well where that has become much.

What is frozen is not collected. So a window is renewed once in a while, by whoever opens the next
share, and given up where work overlaps without a gap (`rest`).
"""

import os
from collections.abc import Iterator
from itertools import filterfalse
from threading import RLock

from leakwatch.guest.collector import collect, get_objects, program_froze
from leakwatch.guest.frozen_heap import (
    FROZEN,
    THAWED,
    age_the_young,
    collect_rationed,
    disturbed,
    disturbed_in,
    forget_harvests,
    freeze_heap,
    harvest,
    heap,
    much_is_aged,
    thaw,
)
from leakwatch.guest.guarded import AtWork, Guarded, Held
from leakwatch.interpreter import current_thread_id, monotonic
from leakwatch.tracking.stamp import Stamp, unique

INEXACT = (
    "the program had frozen its heap with gc.freeze(), so objects at addresses used before may be "
    "missed"
)
"""Note on a window that could not tell by itself what is newborn."""
OVERDUE = "so much work overlapped that the window was closed"
JUDGING = "a judgement was at work when the window was to be opened"
FORKED = "the process was forked meanwhile: what the child made is not known"

LONGEST = 1.0
"""Seconds after which a window is renewed or given up."""
MOST_NOTED = 10_000
"""Newborn objects that are noted one by one; where there are more, they are frozen as well."""


# Reentrant: a signal handler or a callback of the collector may open a scope in the midst of it.
_lock = RLock()
PATIENCE = 1.0
"""Seconds to wait for the lock: a finalizer that waits for the caller may hold up who has it."""


class Window:
    """One window, or a share in the one that is open, from its construction until `close`.

    Attributes:
        exact: false where the program froze the heap itself before. Then we must not
            unfreeze, and objects at addresses used before the window opened are missed.
        lost: why it cannot tell (any more) what was born in it, or None.
    """

    __slots__ = ("__weakref__", "_before", "_noted", "_stamp", "exact", "lost", "opened")

    def __init__(self, *, share: bool = False, beside: bool = False) -> None:
        """Open it.

        Args:
            share: be content with a share, where a window is open already; else what is born
                until now is frozen at once, and this window alone sees what comes.
            beside: it is opened beside other work. What that has made is then seen too.
        """
        self._noted = Stamp()
        self._before: set[int] = set()
        self._stamp: Stamp | None = None
        self.exact = True
        self.lost: str | None = None
        self.opened = True
        try:
            if not (beside and heap.frozen):
                collect_in_time()
            if not (heap.frozen and share) and not (beside and monotonic() < heap.rested):
                age_the_young()
            with locked():
                self._start(share=share, beside=beside)
        except BaseException:
            self.close()
            raise

    def _start(self, *, share: bool, beside: bool) -> None:
        if beside and give_up_in_time():
            self.lost = OVERDUE
            return
        if heap.frozen and (reason := disturbed()):
            lose_all(reason)
            thaw()
        # Before anything is frozen: whoever closes another window now must find this one.
        others = any_intact()
        _open.add(id(self), self)
        if _judging:
            self.lost = JUDGING
        elif not (heap.frozen and others):
            self._freeze()
        elif not beside:
            self._join(share=share)

    def _freeze(self) -> None:
        thaw()  # what an interrupt has left
        self.exact = program_froze() == 0
        if self.exact:
            freeze_heap()
        else:
            self._before = set(map(id, get_objects()))

    def _join(self, *, share: bool) -> None:
        """Take a share in the open window; one that is old, or has seen much, begins anew."""
        if share and monotonic() < heap.since + LONGEST:
            visible = get_objects()
            if len(visible) <= MOST_NOTED:
                self._stamp = Stamp()
                self._stamp.note(visible)
                visible.clear()
                return
            visible.clear()
        note_for_all(self)
        freeze_heap()

    @property
    def is_in_sight(self) -> bool:
        """Whether all that was born in it can be seen at this moment, without a thaw."""
        return self.lost is None and not self._noted and not _judging

    def at_a_glance(self, most: int) -> list[object]:
        """What is in sight, if it is surely all that was born in it; borrowed, to be cleared.

        Nothing where it takes more than a glance to tell: another window or a judgement has hidden
        something, the program has disturbed the freeze, or there are more than so many objects.
        """
        if not (self.exact and self._stamp is None and self.is_in_sight and heap.frozen):
            return []
        visible = get_objects()
        if len(visible) > most or disturbed_in(visible) is not None:
            visible.clear()
        return visible

    def pass_over(self, number: int) -> None:
        """Put out of sight what was at a glance: it is of no matter to this window.

        The next glance does not meet it again. What of it is garbage waits for a collection of all.

        Args:
            number: how many objects were in sight.
        """
        with locked():
            harvest()
            if len(_open) > 1:
                note_for_all(self)
            since = heap.since  # for all that, nothing was collected
            heap.aged += number
            freeze_heap()
            heap.since = since

    def recent(self) -> list[object]:
        """The newborn that were not hidden since, by another window or a judgement; borrowed."""
        return self._fresh(get_objects())

    def newborn(self) -> list[object]:
        """The objects born in the window that the collector knows; borrowed, to be cleared.

        Nothing, where it is lost; in a forked child, what was born before the fork.
        """
        # No comprehension or generator in here: what one refers to lies in a cell (comprehensions
        # have none from 3.12 on, PEP 709), which is born in the window too.
        self.watch()
        if self.lost == FORKED:
            return self._noted.among(get_objects())
        if self.lost not in {None, FROZEN, THAWED}:
            return []
        fresh = self._fresh(get_objects())
        if not self._noted:
            return fresh
        if is_beside_another(self):
            # To thaw the heap would put out of sight what those have seen born. A list or a dict
            # that this one has lost from sight is then told by the window around.
            return unique(fresh + self._noted.living())
        with suspended():
            everything = get_objects()
            fresh += self._noted.among(everything)
            everything.clear()
        return unique(fresh)

    def _fresh(self, visible: list[object]) -> list[object]:
        if not self.exact:
            return list(filterfalse(self._is_before, visible))
        return visible if self._stamp is None else self._stamp.born_since(visible)

    def _is_before(self, candidate: object) -> bool:
        return id(candidate) in self._before

    def watch(self) -> None:
        """See whether the program itself has frozen or thawed the heap meanwhile."""
        if self.exact and not _judging and self.lost is None:
            # Not frozen though open: an interrupt, or another thread, came in between.
            reason = disturbed() if heap.frozen else JUDGING
            if reason is not None:
                lose_all(reason)

    def collect(self) -> None:
        """Collect what died inside the window; the frozen heap costs nothing."""
        collect()

    def close(self) -> None:
        """Let the collector see the whole heap again, unless another window is open."""
        self.opened = False
        _open.end(id(self))
        if heap.frozen:
            with locked():
                tidy()


def locked() -> Held:
    """One thread at a time changes what is frozen, in the block of a `with`."""
    return Held(_lock, PATIENCE)


def intact() -> Iterator[Window]:
    """The open windows that can tell what was born in them."""
    for window in _open.living():
        if window.lost is None and window.exact:
            yield window


def any_intact() -> bool:
    """Whether there is one."""
    return bool(_open) and any(True for _ in intact())


def is_beside_another(window: Window) -> bool:
    """Whether another window is open that can tell what was born in it."""
    return any(it is not window for it in intact())


def tidy() -> None:
    """Thaw the heap if nobody is left who needs it frozen."""
    if heap.frozen and not any_intact():
        harvest()
        thaw()


_open = AtWork(tidy)
"""The open windows by id."""


def lose_all(reason: str) -> None:
    """No open window knows any more what was born in it."""
    for window in intact():
        window.lost = reason


def collect_in_time() -> None:
    """Where windows are open for long, or often, collect everything once in a while.

    Finalizers of the program run in it, so it is done without the lock.
    """
    now = monotonic()
    if now >= heap.due and (is_long_frozen(now) or much_is_aged()):
        with suspended():
            collect_rationed()


def is_long_frozen(now: float) -> bool:
    """Whether no collection has seen the heap for long."""
    return heap.frozen and now >= heap.since + LONGEST


def give_up_in_time() -> bool:
    """Whether there is to be no window for a while, so that the program's collector sees all.

    Where work overlaps without a gap it is given up in time, and another opened as much later.
    """
    now = monotonic()
    if is_long_frozen(now) or (heap.frozen and now >= heap.due and much_is_aged()):
        harvest()
        lose_all(OVERDUE)
        heap.rested = now + LONGEST
        thaw()
        if now >= heap.due:
            collect_rationed()  # what was young when it was frozen counts as old now
    return not heap.frozen and now < heap.rested


def note_for_all(newcomer: Window | None = None) -> None:
    """Note what is visible for every open window, because it is about to be frozen."""
    # The usual one has no other beside it.
    for window in intact():
        if window is not newcomer:
            window.watch()
            visible = window.recent()
            window._noted.note(visible)
            window._stamp = None
            visible.clear()


def note_for_all_survivors() -> None:
    """After a collection: what the windows had noted and is still there stays theirs."""
    noted = [window._noted for window in intact() if window._noted]
    if not noted:
        return
    everything = get_objects()
    for stamp in noted:
        stamp.forget_the_dead(everything)
    everything.clear()


class suspended(Guarded):  # noqa: N801 - used as `with suspended():`
    """Shows the whole heap to the collector while windows are open.

    A judgement collects, and cyclic garbage in a frozen heap would be spared. Whatever the
    program froze itself stays as it is. No window is opened meanwhile: it would hide holders.

    A class, since the generator of a `contextmanager` would be among the objects born in the
    windows, at the same address time and again.
    """

    __slots__ = ("__weakref__",)

    def _enter(self) -> None:
        with locked():
            first = not _judging
            _judging.add(id(self), self)
            if first and heap.frozen:
                harvest()
                note_for_all()
                thaw()

    def _exit(self, *failure: object) -> None:
        self._end()

    def _end(self) -> None:
        if _judging.end(id(self)):
            freeze_again()


def freeze_again() -> None:
    """Go on with the open windows, if no judgement is at work any more."""
    if not _judging:
        with locked():
            if not heap.frozen and any_intact():
                note_for_all_survivors()
                freeze_heap()


# Who drops a `suspended` has lost the windows: nothing is frozen at any allocation.
_judging = AtWork(lambda: lose_all(JUDGING))
"""The `suspended` that are at work."""


def window_is_open() -> bool:
    """Whether a window of leakwatch's is open at the moment."""
    return bool(_open)


def forget_in_child() -> None:
    """In a forked child nothing is frozen by us: its garbage is its own."""
    global _lock  # noqa: PLW0603 - a thread that is not there any more may hold it
    _lock = RLock()
    _before_fork.clear()
    _judging.clear()
    forget_harvests()
    if heap.frozen:
        note_for_all()
    lose_all(FORKED)
    _open.clear()
    thaw()


_before_fork: dict[int, Held] = {}
"""Who holds the lock for a fork, by thread."""


def hold_lock() -> None:
    """Before a fork: no other thread is halfway through a change when the heap is copied."""
    holder = _before_fork[current_thread_id()] = locked()
    holder.__enter__()


def release_lock() -> None:
    """After it, in the parent."""
    holder = _before_fork.get(current_thread_id())
    if holder is not None:
        holder.__exit__(None, None, None)
        _before_fork.pop(current_thread_id(), None)


if hasattr(os, "register_at_fork"):
    os.register_at_fork(
        before=hold_lock, after_in_parent=release_lock, after_in_child=forget_in_child
    )
