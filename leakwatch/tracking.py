"""Registered objects, by identity, without keeping them alive.

A handle is a weak reference that knows where its object was registered. A scope keeps its
handles in a set, and the callback of each is the set's own C method `discard`: one atomic
operation that takes no lock and runs no Python code, for it can be called on any thread at
any allocation, inside our own code as well.
"""

from collections.abc import Iterable
from itertools import count
from types import CodeType, FrameType
from typing import Any

import weakrefs
from leakwatch.errors import NotTrackable
from leakwatch.interpreter import is_tracked
from leakwatch.model import Birth
from weakrefs.weakrefable import type_name


class Handle(weakrefs.ReferenceType[Any]):
    """A weak reference to a tracked object; equal and hashed by its own identity.

    Attributes:
        serial: order of registration over the whole process.
        site: where it was registered: code object, line and reason.
        due: monotonic time from which the object should be gone; 0.0 for scopes.
    """

    __slots__ = ("due", "serial", "site")

    serial: int
    site: "Site"
    due: float

    # A weak reference hashes and compares its referent, which is the program's code.
    __hash__ = object.__hash__
    __eq__ = object.__eq__


class Site:
    """Where objects are registered: one instance for each place and reason."""

    __slots__ = ("code", "line", "reason")

    def __init__(self, code: CodeType, line: int, reason: str) -> None:
        self.code = code
        self.line = line
        self.reason = reason

    def birth(self, scope: str) -> Birth:
        """The site as plain data."""
        code = self.code
        return Birth(code.co_filename, self.line, code.co_qualname, scope, self.reason)


UNREGISTERED = "Or let a scope find it by itself: leakwatch.scope(..., discover=True)."
"""The way without registration; the collector does not know strings and numbers."""

MOST_SITES = 4096
"""Sites remembered; a reason that differs with each call must not fill the memory."""

_serials = count()
_sites: dict[tuple[CodeType, int, str], Site] = {}


def site_of(frame: FrameType, reason: str) -> Site:
    """The site of a frame's current line."""
    key = (frame.f_code, frame.f_lineno, reason)
    site = _sites.get(key)
    if site is None:
        if len(_sites) >= MOST_SITES:
            _sites.clear()
        site = _sites[key] = Site(*key)
    return site


class Tracker:
    """The handles of one scope."""

    __slots__ = ("_handles",)

    def __init__(self) -> None:
        self._handles: set[Handle] = set()

    def track(self, subject: object, site: Site, due: float = 0.0) -> None:
        """Register an object.

        Raises:
            NotTrackable: the object cannot be referenced weakly.
        """
        try:
            handle = Handle(subject, self._handles.discard)
        except TypeError as error:
            raise NotTrackable(refusal(subject)) from error
        handle.serial = next(_serials)
        handle.site = site
        handle.due = due
        self._handles.add(handle)

    def knows(self, subject: object) -> bool:
        """Whether the object is registered here already."""
        handles = self._handles
        return any(
            type(reference) is Handle and reference in handles
            for reference in weakrefs.getweakrefs(subject)
        )

    def alive(self) -> list[Handle]:
        """Handles whose object is still there, in the order of registration."""
        # set.copy is one step: neither a callback nor another thread comes in between.
        handles = [handle for handle in self._handles.copy() if handle() is not None]
        return sorted(handles, key=lambda handle: handle.serial)

    def any_alive(self) -> bool:
        """Whether something is still there; a dead handle leaves the set by itself."""
        return bool(self._handles) and any(h() is not None for h in self._handles.copy())

    def __len__(self) -> int:
        return len(self._handles)

    def forget(self) -> None:
        """Drop every handle."""
        self._handles.clear()


def living(handles: Iterable[Handle]) -> list[object]:
    """The objects behind handles, each once; borrowed, to be cleared by the caller."""
    found = {id(subject): subject for handle in handles if (subject := handle()) is not None}
    return list(found.values())


def refusal(subject: object) -> str:
    """Why an object cannot be tracked, and what to do about it."""
    reason = weakrefs.why_not(subject) or "it cannot be referenced weakly"
    refused = f"cannot track this {type_name(type(subject))}: {reason}"
    return f"{refused} {UNREGISTERED}" if is_tracked(subject) else refused
