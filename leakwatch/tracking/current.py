"""The open scopes of a context: of a thread, or of a task."""

import sys
from collections.abc import Callable, Iterator
from contextvars import ContextVar, Token
from typing import TYPE_CHECKING

from leakwatch.guest.guarded import native
from leakwatch.tracking.overlap import Stretch
from weakrefs import ReferenceType

if TYPE_CHECKING:
    from leakwatch.tracking.registry import Registry


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
        if scope is not None and scope.is_current:
            return entry
        entry = entry.around
    return None


def entry_of(scope: "Registry") -> Entry:
    """A new entry for a scope, in what is current now."""
    entry = Entry(scope)
    entry.around = around = open_entry(_current.get())
    if around is not None:  # those left out of order would make a chain without end
        around.around = open_entry(around.around)
    return entry


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
    return next(open_scopes(), None) if _current.get() is not None else None


def open_stretches() -> list[Stretch]:
    """The stretches of the open scopes of this context."""
    if _current.get() is None:
        return []
    return [scope.stretch for scope in open_scopes()]


def make_context() -> None:
    """Have a context made for a thread that has none yet."""
    set_variable(_current, _current.get())
