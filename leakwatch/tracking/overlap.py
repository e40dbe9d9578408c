"""Which scopes are open in this process, and which of them work of others has met.

What a scope is to judge may be held, or may have been made, by other work that goes on at the same
time: another request, another thread. Scopes around a scope are no other work, nor are those in it.
Only what is known is said here; a thread that opens no scope is not seen.
"""

import os
from collections.abc import Iterable
from itertools import count

from leakwatch.guest.guarded import AtWork, Keyed

OVERLAPPED = "other work of this process overlapped"
"""Why a scope was not judged."""


class Stretch:
    """The time from `begin` to `end` of one scope.

    Attributes:
        serial: the later it began, the greater.
        met_others: whether other work was open at any time of it.
    """

    __slots__ = ("__weakref__", "met_others", "serial")

    def __init__(self) -> None:
        self.serial = next(serials)
        self.met_others = False

    def begin(self, around: Iterable["Stretch"]) -> None:
        """Start; others that are open meet this one.

        Args:
            around: the stretches of the scopes around, which are no other work.
        """
        # It is entered before anybody is counted: of two threads at least one sees the other.
        _open.add(self.serial, self)
        _alone[self.serial] = _open[self.serial]
        own = [it.serial for it in around if it.serial in _open]
        if len(_open) > len(own) + 1:
            for serial, reference in list(_alone.items()):
                met = reference()
                if met is not None and serial not in own:
                    met.met_others = True
                    _alone.pop(serial, None)

    def end(self) -> bool:
        """Finish; false if it was not open (any more)."""
        _alone.pop(self.serial, None)
        return _open.end(self.serial)


serials = count(1)
_alone: dict[int, Keyed] = {}
"""Those of the open ones that no other work has met."""
_open = AtWork(lambda: None)
"""All that are open, by serial."""


def others_open(own: Iterable[Stretch]) -> bool:
    """Whether work is open besides these scopes."""
    return len(_open) > sum(it.serial in _open for it in own)


def anything_open() -> bool:
    """Whether a scope is open anywhere in this process."""
    return bool(_open)


def oldest_open(own: Iterable[Stretch]) -> int | None:
    """The serial of the first to begin of what is open besides these scopes."""
    mine = {it.serial for it in own}
    return min((serial for serial in list(_open) if serial not in mine), default=None)


def forget_in_child() -> None:
    """In a forked child the work of other threads does not go on."""
    _open.clear()
    _alone.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=forget_in_child)
