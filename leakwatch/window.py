"""Objects born since a moment, without registration: the generation window.

`gc.freeze` moves the whole heap out of the collector's sight by splicing a list, in
microseconds. From then on `gc.get_objects` and `gc.collect` see only what was born since.
The window is process-wide: objects of other threads are in it too.

Windows may nest and overlap. Whenever one opens, the ids of what the others can see are
noted for them before it is frozen. An id met again later was born inside those windows
either way, so that an address used twice cannot lie.
"""

from itertools import compress, filterfalse

from leakwatch.interpreter import (
    collect,
    freeze,
    get_objects,
    program_froze,
    unfreeze,
)

INEXACT = (
    "the program had frozen its heap with gc.freeze(), so objects at addresses used before may be "
    "missed"
)
"""Note on a window that could not tell by itself what is newborn."""


class Window:
    """One window; open from its construction until `close`.

    Attributes:
        exact: false where the program froze the heap itself before. Then we must not
            unfreeze, and objects at addresses used before the window opened are missed.
    """

    __slots__ = ("_before", "_noted", "exact", "opened")

    def __init__(self) -> None:
        self._noted: set[int] = set()
        self._before: set[int] = set()
        self.exact = bool(_open) or program_froze() == 0
        self.opened = True
        if self.exact:
            note_for_all()
            _open.append(self)
            freeze()
        else:
            self._before = set(map(id, get_objects()))

    def recent(self) -> list[object]:
        """The newborn that were not hidden since, by another window or a judgement; borrowed."""
        return get_objects() if self.exact else self.newborn()

    def newborn(self) -> list[object]:
        """The objects born in the window that the collector knows; borrowed, to be cleared."""
        # No comprehension in here: before 3.12 (PEP 709) what one refers to lies in a cell, which
        # is born in the window too, and a later look would find another cell at its address.
        visible = get_objects()
        if not self.exact:
            return list(filterfalse(self._is_before, visible))
        if not self._noted:
            return visible
        born = self._noted | set(map(id, visible))
        with suspended():
            everything = get_objects()
            found = list(compress(everything, map(born.__contains__, map(id, everything))))
            everything.clear()
        return found

    def _is_before(self, candidate: object) -> bool:
        return id(candidate) in self._before

    def collect(self) -> None:
        """Collect what died inside the window; the frozen heap costs nothing."""
        collect()

    def close(self) -> None:
        """Let the collector see the whole heap again, unless another window is open."""
        if not self.opened:
            return
        self.opened = False
        if self in _open:
            _open.remove(self)
            if not _open:
                unfreeze()


_open: list[Window] = []


def note_for_all() -> None:
    """Note what is visible for every open window, because it is about to be frozen."""
    if not _open:
        return
    visible = set(map(id, get_objects()))
    for window in _open:
        window._noted |= visible


class suspended:  # noqa: N801 - used as `with suspended():`
    """Shows the whole heap to the collector while windows are open.

    A judgement collects, and cyclic garbage in a frozen heap would be spared. Whatever the
    program froze itself stays as it is.

    A class, since the generator of a `contextmanager` would be among the objects born in the
    windows, at the same address time and again.
    """

    __slots__ = ("_windows",)

    def __enter__(self) -> None:
        self._windows = bool(_open)
        if self._windows:
            note_for_all()
            unfreeze()

    def __exit__(self, *failure: object) -> None:
        if self._windows:
            note_for_all_survivors()
            freeze()


def note_for_all_survivors() -> None:
    """After a judgement: what the windows had noted and is still there stays theirs."""
    everything = get_objects()
    for window in _open:
        window._noted.intersection_update(map(id, everything))
    everything.clear()


def window_is_open() -> bool:
    """Whether leakwatch itself has frozen the heap at the moment."""
    return bool(_open)
