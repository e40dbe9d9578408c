"""Which scopes are open: in this context, a thread or a task, and in the whole process.

What a scope is to judge may be held, or may have been made, by other work that goes on at the same
time: another request, another thread. Scopes around a scope are no other work, nor are those in it.
Only what is known is said here; a thread that opens no scope is not seen.
"""

import os
import sys
from collections.abc import Callable, Iterable, Iterator
from contextvars import ContextVar, Token
from itertools import count
from typing import TYPE_CHECKING

from leakwatch.guest.guarded import AtWork, Keyed, native
from leakwatch.heap.fields import own_field
from weakrefs import ReferenceType

if TYPE_CHECKING:
    from leakwatch.tracking.handles import Registry


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

    def begin(self) -> None:
        """Start; others that are open meet this one, but for the scopes around."""
        # It is entered before anybody is counted: of two threads at least one sees the other.
        _alone[self.serial] = _open.add(self.serial, self)
        if len(_open) == 1:
            return
        own = [it.serial for it in open_stretches() if it.serial in _open]
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


def others_open(stretch: Stretch) -> bool:
    """Whether work is open besides a scope and those around the running code."""
    number = int(stretch.serial in _open)
    if len(_open) == number:
        return False
    for it in open_stretches():
        number += it is not stretch and it.serial in _open
    return len(_open) > number


def oldest_open(own: Iterable[Stretch]) -> int | None:
    """The serial of the first to begin of what is open besides these scopes."""
    mine = {it.serial for it in own}
    return min((serial for serial in list(_open) if serial not in mine), default=None)


def loop_is_running() -> bool:
    """Whether this thread runs an event loop, which must not stand still for a judgement."""
    events = sys.modules.get("asyncio.events")
    return events is not None and events._get_running_loop() is not None


def loop_has_other_tasks(*, ready: bool = False) -> bool:
    """Whether this thread runs an event loop with more tasks than the one that runs now.

    Args:
        ready: count only tasks that could run at once, not those that wait for something; and none
            outside a task, as beside a loop in a greenlet of its own (Playwright's).
    """
    if not loop_is_running():
        return False
    tasks = sys.modules["asyncio.tasks"]
    now = tasks.current_task()
    if ready and now is None:
        return False
    return any(task is not now and not (ready and _waits(task)) for task in tasks.all_tasks())


def _waits(task: object) -> bool:
    waited_for = own_field(task, "_fut_waiter")
    return waited_for is not None and own_field(waited_for, "_state") == "PENDING"


def forget_in_child() -> None:
    """In a forked child the work of other threads does not go on."""
    _open.clear()
    _alone.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=forget_in_child)


class Entry(ReferenceType["Registry"]):
    """A scope that was made current, weakly: who enters one and drops it has no scope.

    Attributes:
        around: what was current before.
    """

    __slots__ = ("around",)

    around: "Entry | None"


_current: "ContextVar[Entry | None]" = ContextVar("leakwatch.scope", default=None)

Set = Token[Entry | None]
"""What ends a scope's being current."""
set_variable: Callable[["ContextVar[Entry | None]", Entry | None], Set] = ContextVar.set
reset_variable: Callable[["ContextVar[Entry | None]", Set], None] = ContextVar.reset
if native is not None and sys.version_info < (3, 12):
    # There a callback of the collector that opens a scope would crash a scope that is opened.
    set_variable, reset_variable = native.set_variable, native.reset_variable


def open_entry(entry: Entry | None) -> Entry | None:
    """The first from an entry outwards whose scope is open; others were left out of order."""
    while entry is not None:
        scope = entry()
        if scope is not None and scope.token is not None:
            return entry
        entry = entry.around
    return None


def enter(scope: "Registry") -> Set:
    """Make a scope the current one; gives what `leave` needs."""
    entry = Entry(scope)
    entry.around = around = _current.get()
    if around is not None:  # those left out of order would make a chain without end
        entry.around = around = open_entry(around)
        if around is not None:
            around.around = open_entry(around.around)
    return set_variable(_current, entry)


def leave(scope: "Registry", token: Set) -> None:
    """Make the scope around this one current again.

    Nothing is done about one left out of order, or in another context: `current_scope` skips it.
    """
    entry = _current.get()
    if entry is not None and entry() is scope:
        try:  # noqa: SIM105 - `suppress` takes a microsecond, a tenth of a whole scope
            reset_variable(_current, token)
        except ValueError:
            pass


def open_scopes() -> "Iterator[Registry]":
    """The open scopes of this context (thread or task), the innermost first."""
    entry = open_entry(_current.get())
    while entry is not None:
        scope = entry()
        if scope is not None:
            yield scope
        entry = open_entry(entry.around)


def current_scope() -> "Registry | None":
    """The innermost open scope of this context (thread or task)."""
    # No generator: a scope in which one object is registered would take a tenth longer.
    entry = open_entry(_current.get())
    return None if entry is None else entry()


def open_stretches() -> list[Stretch]:
    """The stretches of the open scopes of this context."""
    if _current.get() is None:
        return []
    return [scope.stretch for scope in open_scopes()]


def make_context() -> None:
    """Have a context made for a thread that has none yet."""
    set_variable(_current, _current.get())
