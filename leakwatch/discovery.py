"""Everything born in a scope, without registration: the window that is open meanwhile."""

import sys

from leakwatch.heap.asking import asking_globals
from leakwatch.selection import TypeFilter
from leakwatch.window import INEXACT, Window


class Discovery:
    """What is born from `open` until `close`, and what of it is still there.

    Attributes:
        everything: whether every type counts. Only then is an import's work left out, and
            only then is the outermost survivor told for what hangs from it.
        lasting: ids of what the globals of the asking module refer to at the start.
    """

    __slots__ = ("_look", "_modules", "_newborns", "_wanted", "_window", "everything", "lasting")

    def __init__(self, wanted: TypeFilter | None) -> None:
        """Note what is there already; the figures of the process are taken after that.

        Args:
            wanted: which types count; None for all.
        """
        # Only discovery needs it, and it brings half of the heap package along. Imported inside
        # of the window, it would be among what is born there.
        from leakwatch.newborn import Newborns

        self._look = Newborns
        self.everything = wanted is None
        self._wanted = wanted
        self._modules = frozenset(sys.modules)
        self.lasting = asking_globals()
        self._newborns: Newborns | None = None

    def open(self) -> None:
        """Open the window."""
        self._window = Window()

    def look(self, *, collected: bool) -> None:
        """Note what is there.

        Args:
            collected: collect first. What was noted before and died is forgotten, and
                nothing is added: what leakwatch has made since is none of the program's.
        """
        if collected:
            self._window.collect()
        if self._newborns is None:
            self._newborns = self._look(self._window, self._wanted)

    def close(self) -> None:
        """Look once more, without garbage, and close the window; what was noted stays known."""
        self.look(collected=True)
        self._window.close()

    @property
    def found(self) -> bool:
        """Whether anything was noted; asked while another window hides the heap."""
        return bool(self._newborns)

    def any_alive(self) -> bool:
        """Whether something that was noted is still there."""
        return self._newborns is not None and self._newborns.any_alive()

    def alive(self) -> list[object]:
        """The noted objects that are still there; borrowed, to be cleared by the caller."""
        return self._newborns.alive() if self._newborns is not None else []

    def forget(self) -> None:
        """Drop what was noted."""
        self._newborns = None

    def imported(self) -> frozenset[str]:
        """Modules first imported meanwhile, if what they define is to be left out."""
        return frozenset(sys.modules) - self._modules if self.everything else frozenset()

    def notes(self) -> list[str]:
        """What the reader of a report should know of the window."""
        return [] if self._window.exact else [INEXACT]
