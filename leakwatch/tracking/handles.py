"""Registered objects, by identity, without keeping them alive.

A handle is a weak reference that knows where its object was registered. It has no callback:
an object that dies runs nothing of ours, on whatever thread and at whatever allocation that
happens. Its handle stays in the list of its scope, dead, until the dead are half of it.
"""

import os
from collections.abc import Iterable
from threading import Lock
from types import CodeType, FrameType
from typing import Any

import weakrefs
from leakwatch.errors import NotTrackable, ScopeError
from leakwatch.heap.fields import file_of, qualname_of_code, text
from leakwatch.heap.objects import full_type_name
from leakwatch.interpreter import get_frame, is_tracked
from leakwatch.model import Birth
from leakwatch.tracking.open_scopes import Set, Stretch, enter, leave
from weakrefs.weakrefable import type_name


class Handle(weakrefs.ReferenceType[Any]):
    """A weak reference to a tracked object; equal and hashed by its own identity.

    Attributes:
        site: where it was registered: code object, line and reason.
        due: monotonic time from which the object should be gone; 0.0 for scopes.
        tracker: where it is registered.
    """

    __slots__ = ("due", "site", "tracker")

    site: "Site"
    due: float
    tracker: "Tracker"

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
        reason = text(self.reason) or ""
        return Birth(file_of(code), self.line, qualname_of_code(code), scope, reason)


UNREGISTERED = "Or let a scope find it by itself: leakwatch.scope(..., discover=True)."
"""The way without registration; the collector does not know strings and numbers."""

MOST_SITES = 4096
"""Sites remembered; a reason that differs with each call must not fill the memory."""

LEAST_ROOM = 1000
"""Handles from which on it is worth while to look for dead ones."""

_sites: dict[tuple[int, int, str], Site] = {}
"""By the id of the code, which the site keeps: a hash of code is one of its constants and names."""


def site_of(frame: FrameType, reason: str) -> Site:
    """The site of a frame's current line."""
    code, line = frame.f_code, frame.f_lineno
    key = (id(code), line, reason)
    site = _sites.get(key)
    if site is None:
        if len(_sites) >= MOST_SITES:
            _sites.clear()
        site = _sites[key] = Site(code, line, reason)
    return site


class Tracker:
    """The handles of one scope, in the order of registration."""

    __slots__ = ("__weakref__", "_handles", "_room")

    def __init__(self) -> None:
        self._handles: list[Handle] = []
        self._room = LEAST_ROOM

    def track(self, subject: object, site: Site, due: float = 0.0) -> None:
        """Register an object.

        Raises:
            NotTrackable: the object cannot be referenced weakly.
        """
        try:
            handle = Handle(subject)
        except TypeError as error:
            raise NotTrackable(refusal(subject)) from error
        handle.site = site
        handle.due = due
        handle.tracker = self
        if not self._handles and _busy is not None:
            _busy.add(self)
        self._handles.append(handle)
        if len(self._handles) > self._room:
            self._drop_the_dead()

    def _drop_the_dead(self) -> None:
        # Whoever comes in between, a finalizer or another thread, registers at the end of the
        # list, behind what is replaced here in one step; that nobody else tidies is all we need.
        lock = _tidying
        if not lock.acquire(blocking=False):
            return
        try:
            seen = len(self._handles)
            alive = [handle for handle in self._handles[:seen] if handle() is not None]
            self._handles[:seen] = alive
            self._room = max(LEAST_ROOM, 2 * len(alive))
        finally:
            lock.release()

    def knows(self, subject: object) -> bool:
        """Whether the object is registered here already."""
        return any(
            type(reference) is Handle and reference.tracker is self
            for reference in weakrefs.getweakrefs(subject)
        )

    def alive(self) -> list[Handle]:
        """Handles whose object is still there, in the order of registration."""
        # list.copy is one step: no other thread comes in between.
        return [handle for handle in self._handles.copy() if handle() is not None]

    def any_alive(self) -> bool:
        """Whether something is still there."""
        # No generator: its frame is a tenth of what a clean scope costs.
        for handle in self._handles.copy():  # noqa: SIM110
            if handle() is not None:
                return True
        return False

    def __len__(self) -> int:
        return len(self.alive())

    def forget(self) -> None:
        """Drop every handle."""
        if self._handles:
            self._handles.clear()
            if _busy is not None:
                _busy.discard(self)


_tidying = Lock()
"""Of all trackers: each to have one of its own would cost a scope more than to wait for the next
registration."""


def forget_in_child() -> None:
    """In a forked child the thread that tidied is not there any more."""
    global _tidying  # noqa: PLW0603 - it may be held for ever
    _tidying = Lock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=forget_in_child)

_busy: weakrefs.WeakSet[Tracker] | None = None
"""Those with handles; weak, for a scope may be abandoned open. None until somebody counts: to note
them costs a scope a microsecond."""


def registered_elsewhere(subject: object, tracker: Tracker) -> bool:
    """Whether an object was registered, and not here: it belongs to another scope."""
    trackers = [it.tracker for it in weakrefs.getweakrefs(subject) if type(it) is Handle]
    return bool(trackers) and all(it is not tracker for it in trackers)


def count_registered() -> None:
    """Let `registered` know of the objects that are registered from now on."""
    global _busy  # noqa: PLW0603 - one process, one count
    _busy = weakrefs.WeakSet()


def registered() -> int:
    """Objects that are registered at the moment, those included that died a short while ago.

    Counted from `count_registered` on; 0 before it.

    Asking a handle whether its object lives refers to the object; on another thread, as that of
    a sampler, this could be the last reference, and its finalizer would run there.
    """
    return sum(len(tracker._handles) for tracker in list(_busy or ()))


def living(handles: Iterable[weakrefs.ReferenceType[Any]]) -> list[object]:
    """The objects behind handles, each once; borrowed, to be cleared by the caller."""
    found = {id(subject): subject for handle in handles if (subject := handle()) is not None}
    return list(found.values())


def refusal(subject: object) -> str:
    """Why an object cannot be tracked, and what to do about it."""
    reason = weakrefs.why_not(subject) or "it cannot be referenced weakly"
    refused = f"cannot track this {type_name(type(subject))}: {reason}"
    return f"{refused} {UNREGISTERED}" if is_tracked(subject) else refused


def untracked(count: int, name: str) -> str:
    """Note on objects of a tracked class that could not be tracked."""
    return (
        f"{count} {name} could not be tracked: no weak references "
        '(add "__weakref__" to __slots__, or weakref_slot=True to the dataclass)'
    )


class Registry:
    """Takes what `track` and tracked classes register, from `enter` to `leave`; judges nothing.

    Attributes:
        name: of the work.
        stretch: the time from its beginning to its end, among that of others; one that has not
            begun is not counted among the work of this process.
        token: set while it is current: what a context has set may be stale.
    """

    __slots__ = ("__weakref__", "_tracker", "_untrackable", "name", "stretch", "token")

    def __init__(self, name: str) -> None:
        self.name = name
        self.stretch = Stretch()
        self._tracker = Tracker()
        self.token: Set | None = None
        self._untrackable: dict[str, int] = {}

    def register(self, obj: object, reason: str, depth: int) -> None:
        """Register an object.

        Args:
            obj: any object that can be referenced weakly; it is not kept alive.
            reason: why it should be gone.
            depth: how many frames up the caller is whose line is noted.

        Raises:
            NotTrackable: the object cannot be referenced weakly.
        """
        self._tracker.track(obj, site_of(get_frame(depth), reason))

    def track_silently(self, obj: object, depth: int) -> None:
        """Register an object if that is possible; count its type if it is not."""
        try:
            if not self._tracker.knows(obj):
                self.register(obj, "", depth + 1)
        except (TypeError, ScopeError):
            name = full_type_name(type(obj))
            self._untrackable[name] = self._untrackable.get(name, 0) + 1

    def registered_alive(self) -> list[Handle]:
        """Handles of the registered objects that are still there, in order of registration."""
        return self._tracker.alive()

    def enter(self) -> None:
        """Take what is registered in the running context from now on."""
        self.token = enter(self)

    def leave(self) -> None:
        """Leave what is registered from now on to the scope around this one."""
        token, self.token = self.token, None
        if token is not None:
            leave(self, token)
