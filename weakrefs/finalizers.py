"""`finalize`: call a function when an object dies, or at exit at the latest."""

import gc
import os
import sys
from atexit import register as call_at_exit
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, ClassVar, ParamSpec, TypeVar

from weakrefs.core import FinalizerOperations, finalizers_made, hot, keep_finalizers
from weakrefs.pinning import warn_if_futile
from weakrefs.snapshots import pairs_of

if TYPE_CHECKING:
    from weakrefs.finalizer_operations import Info

__all__ = ["finalize"]

P = ParamSpec("P")
T = TypeVar("T")


@hot
class finalize(FinalizerOperations[P, T]):
    """A call to be made when `obj` dies. It keeps itself alive until then.

    Arguments:
        obj: the object to outlive; must allow weak references.
        func: called once, as ``func(*args, **kwargs)``, when `obj` dies, when the finalizer is
            called, or at exit. Neither it nor an argument may own `obj`, or `obj` never dies.

    Raises:
        TypeError: `obj` cannot be weakly referenced; the message names the remedy.

    Warns:
        RuntimeWarning: `func` is a method of `obj`, or has it in a closure, or it is among the
            arguments, so that it never dies; or one of these is a weak reference to it, which is
            dead by then.

    At exit the living finalizers whose `atexit` is true are called, the newest first, those that
    are made meanwhile included; exceptions go to `sys.excepthook`. A forked child leaves those
    that it inherited to its parent. When an object dies in a child, its finalizer is called
    there, since the child may have its own copy of a resource to free: `this_process_only` says
    otherwise.
    """

    __slots__ = ()
    _registry: ClassVar["dict[Any, Info]"] = {}
    _registered_with_atexit: ClassVar[bool] = False
    _shutdown: ClassVar[bool] = False

    @classmethod
    def _register_with_atexit(cls) -> None:
        # At the first finalizer and not at import: exit functions run in reverse order. A race may
        # register twice, which does no harm.
        finalize._registered_with_atexit = True
        call_at_exit(finalize._exitfunc)

    @property
    def atexit(self) -> bool:
        """Whether the call is made at exit at the latest. True until set; False when dead."""
        info = self._registry.get(self)
        return info is not None and info.atexit

    @atexit.setter
    def atexit(self, value: bool) -> None:
        info = self._registry.get(self)
        if info is not None:
            info.atexit = bool(value)

    @property
    def this_process_only(self) -> bool:
        """Whether the call is never made in a forked child. False until set, and when dead.

        Set it for what must happen once, such as removing a temporary directory.
        """
        info = self._registry.get(self)
        return info is not None and info.this_process_only

    @this_process_only.setter
    def this_process_only(self, value: bool) -> None:
        info = self._registry.get(self)
        if info is not None:
            info.this_process_only = bool(value)

    def __repr__(self) -> str:
        me = f"{type(self).__name__} object at {id(self):#x}"
        info = self._registry.get(self)
        obj = None if info is None else info()
        if obj is None:
            return f"<{me}; dead>"
        return f"<{me}; for {type(obj).__name__!r} at {id(obj):#x}>"

    @classmethod
    def _exitfunc(cls) -> None:
        # No collection meanwhile: else any line here could make or run finalizers.
        gc_was_enabled = gc.isenabled()
        gc.disable()
        try:
            for finalizer in _due_at_exit():
                _call_guarded(finalizer)
        finally:
            finalize._shutdown = True
            if gc_was_enabled:
                gc.enable()


keep_finalizers(finalize._registry, warn_if_futile, os.getpid())


def _in_child() -> None:
    keep_finalizers(finalize._registry, warn_if_futile, os.getpid())
    # multiprocessing clears the exit functions of a forked child (3.13, gh-83856).
    finalize._registered_with_atexit = False


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_in_child)


def _due_at_exit() -> Iterator[finalize[..., Any]]:
    """Yield what is to be called, the newest first, and look again whenever one was made."""
    seen, due = finalizers_made(), _oldest_first()
    while due:
        yield due.pop()
        if finalizers_made() != seen:
            seen, due = finalizers_made(), _oldest_first()


def _oldest_first() -> list[finalize[..., Any]]:
    pid = os.getpid()
    # The registry is a dict, and so in the order in which they were made.
    return [f for f, info in pairs_of(finalize._registry) if info.atexit and info.pid == pid]


def _call_guarded(finalizer: finalize[..., Any]) -> None:
    try:
        finalizer()
    except Exception:  # noqa: BLE001  # one that fails must not stop the others
        sys.excepthook(*sys.exc_info())
