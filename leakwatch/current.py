"""The open scopes of a context: of a thread, or of a task."""

from collections.abc import Iterator
from contextvars import ContextVar
from typing import TYPE_CHECKING

from leakwatch.overlap import Stretch
from weakrefs import ReferenceType

if TYPE_CHECKING:
    from leakwatch.scopes import Scope


class Entry(ReferenceType["Scope"]):
    """A scope that was made current, weakly: who enters one and drops it has no scope.

    Attributes:
        around: what was current before.
    """

    __slots__ = ("around",)

    around: "Entry | None"


_current: "ContextVar[Entry | None]" = ContextVar("leakwatch.scope", default=None)


def open_entry(entry: Entry | None) -> Entry | None:
    """The first from an entry outwards whose scope is open; others were left out of order."""
    while entry is not None:
        scope = entry()
        if scope is not None and scope.is_current:
            return entry
        entry = entry.around
    return None


def entry_of(scope: "Scope") -> Entry:
    """A new entry for a scope, in what is current now."""
    entry = Entry(scope)
    entry.around = around = open_entry(_current.get())
    if around is not None:  # those left out of order would make a chain without end
        around.around = open_entry(around.around)
    return entry


def open_scopes() -> "Iterator[Scope]":
    """The open scopes of this context (thread or task), the innermost first."""
    entry = open_entry(_current.get())
    while entry is not None:
        scope = entry()
        if scope is not None:
            yield scope
        entry = open_entry(entry.around)


def current_scope() -> "Scope | None":
    """The innermost open scope of this context (thread or task)."""
    return next(open_scopes(), None) if _current.get() is not None else None


def open_stretches() -> list[Stretch]:
    """The stretches of the open scopes of this context."""
    if _current.get() is None:
        return []
    return [scope.stretch for scope in open_scopes()]


def make_context() -> None:
    """Have a context made for a thread that has none yet."""
    _current.set(_current.get())
