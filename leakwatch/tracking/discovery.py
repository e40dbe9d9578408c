"""Everything born in a scope, without registration: the window that is open meanwhile."""

import sys
from collections.abc import Callable, Iterable
from functools import cache
from types import ModuleType
from typing import TYPE_CHECKING, Any

from leakwatch.guest.frozen_heap import THAWED
from leakwatch.guest.importing import held_signals
from leakwatch.heap.provenance import asking_globals, others_at_work
from leakwatch.tracking.handles import Tracker, registered_elsewhere
from leakwatch.tracking.open_scopes import OVERLAPPED, loop_is_running, make_context
from leakwatch.tracking.type_filter import TypeFilter
from leakwatch.tracking.window import INEXACT, Window

if TYPE_CHECKING:
    from leakwatch.tracking.newborn import Newborns


class Discovery:
    """What is born from `open` until `close`, and what of it is still there.

    Attributes:
        everything: whether every type counts. Only then is an import's work left out, and
            only then does the outermost survivor stand for what it holds.
        lasting: ids of what the globals of the asking module refer to at the start.
        not_judged: why it is not known what was born, or None.
    """

    __slots__ = (
        "_key",
        "_modules",
        "_newborn",
        "_newborns",
        "_others",
        "_postponed",
        "_tasks",
        "_wanted",
        "_window",
        "everything",
        "lasting",
        "not_judged",
    )

    def __init__(self, wanted: TypeFilter | None, types: Iterable[type | str] | None) -> None:
        """Note what is there already; the figures of the process are taken after that.

        Args:
            wanted: which types count; None for all.
            types: the same as they were given.
        """
        self._tasks, self._newborn, self._postponed = parts()
        # Python makes the context of a thread when a variable is first set in it. It would else be
        # among what is born in the window.
        make_context()
        listed: Any = [types] if type(types) in {str, type} else types or ()
        self._key: object = types is not None and tuple(
            it if type(it) is str else id(it) for it in listed
        )
        self.everything = wanted is None
        self._wanted = wanted
        self._modules = loaded_modules() if self.everything else frozenset()
        self.lasting: frozenset[int] = frozenset()
        self._others: frozenset[tuple[int, int]] = frozenset()
        self.not_judged: str | None = None
        self._newborns: Newborns | None = None
        self._window: Window | None = None

    def open(self, *, beside: bool) -> None:
        """Open the window.

        Args:
            beside: whether other work is open.
        """
        if not beside:  # else nothing is judged by the window
            self.lasting = asking_globals()
            self._others = others_at_work()
        self._window = Window(share=True, beside=beside)
        if beside:  # the window may be given up before this scope ends
            self._postponed.postpone_born(self._key, self._wanted, frozenset())

    def look(self, *, collected: bool) -> None:
        """Note what is there.

        Args:
            collected: collect first. What was noted before and died is forgotten, and
                nothing is added: what leakwatch has made since is none of the program's.
        """
        assert self._window is not None, "open() it first"
        if collected:
            self._window.collect()
        if self._newborns is None:
            born = self._window.newborn()
            running = self._tasks.step_that_runs() if loop_is_running() else ()
            self._newborns = self._newborn.Newborns(born, self._wanted, running)
            self._note_loss(self._window.lost)

    def _note_loss(self, lost: str | None) -> None:
        # Who asked for some types can tell the old ones of them from the new ones himself.
        if lost is not None and (self.everything or lost != THAWED):
            self.not_judged = lost
            if lost == THAWED:
                self._newborns = None

    def close(self) -> None:
        """Look once more, without garbage, and close the window; what was noted stays known."""
        self.look(collected=True)
        self.abandon()

    def close_beside_others(self, tracker: Tracker) -> None:
        """Close the window where other work is open, or was: say nothing but what is certain.

        Certain is that nothing of the wanted types is there but what others have registered.

        Args:
            tracker: of the scope.
        """
        assert self._window is not None, "open() it first"
        window = self._window
        if self.everything or not window.is_in_sight or self._may_have_left(window, tracker):
            self.not_judged = OVERLAPPED
            self._postponed.postpone_born(self._key, self._wanted, self.imported())
        self.abandon()

    def _may_have_left(self, window: Window, tracker: Tracker) -> bool:
        assert self._wanted is not None
        born = window.newborn()
        found = self._newborn.of_wanted_types(born, self._wanted)
        born.clear()
        unknown = any(not registered_elsewhere(it, tracker) for it in found)
        found.clear()
        return unknown

    def abandon(self) -> None:
        """Close the window."""
        if self._window is not None:
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

    @property
    def noted(self) -> Callable[[type], bool] | None:
        """Whether all newborn objects of a type are noted; None where the window was lost."""
        if self._window is None or self._window.lost is not None or not self._window.exact:
            return None
        return self._wanted or self._newborn.is_judged_in_a_scope

    def imported(self) -> frozenset[str]:
        """Modules first imported meanwhile, if what they define is to be left out."""
        return loaded_modules() - self._modules if self.everything else frozenset()

    def busy(self) -> frozenset[int]:
        """Identities of the threads that have been at work since before the window was opened.

        Whatever is born in the window may be theirs.
        """
        return frozenset(identity for identity, _ in self._others & others_at_work())

    def notes(self) -> list[str]:
        """What the reader of a report should know of the window."""
        if self._window is None:
            return []
        notes = [] if self._window.exact else [INEXACT]
        return [*notes, THAWED] if self._window.lost == THAWED else notes


@cache
def parts() -> tuple[ModuleType, ModuleType, ModuleType]:
    """What only discovery needs: it imports half of the heap package, and not in the window."""
    with held_signals():
        from leakwatch.heap import tasks
        from leakwatch.tracking import newborn, postponed

    return tasks, newborn, postponed


_loaded: frozenset[str] = frozenset()


def loaded_modules() -> frozenset[str]:
    """Names of the modules that are imported; made anew only where their number has changed."""
    global _loaded  # noqa: PLW0603 - a cache
    if len(_loaded) != len(sys.modules):
        _loaded = frozenset(sys.modules)
    return _loaded
