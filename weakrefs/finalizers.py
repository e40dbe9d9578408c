"""`finalize`: call a function when an object dies, or at exit at the latest."""

import gc
import os
import sys
from atexit import register as call_at_exit
from collections.abc import Callable, Iterator
from types import FunctionType
from typing import Any, ClassVar, Generic, ParamSpec, TypeVar

from weakrefs._primitives import ref
from weakrefs.pinning import warn_if_futile
from weakrefs.snapshots import pairs_of
from weakrefs.weakrefable import check

__all__ = ["finalize"]

P = ParamSpec("P")
T = TypeVar("T")


class _Info(ref[Any]):
    """What is known of one finalizer: a reference to its object, and the call to make."""

    __slots__ = ("args", "atexit", "func", "kwargs", "pid", "this_process_only")
    args: tuple[Any, ...]
    atexit: bool
    func: Callable[..., Any]
    kwargs: dict[str, Any]
    pid: int
    this_process_only: bool

    @property
    def weakref(self) -> ref[Any]:
        """The reference to the object, under the name that the standard library gives it."""
        return self


class finalize(Generic[P, T]):
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

    # No state here, only in the registry: so a finalizer is never part of a cycle.
    __slots__ = ()
    _registry: ClassVar[dict[Any, _Info]] = {}
    _registered_with_atexit: ClassVar[bool] = False
    _shutdown: ClassVar[bool] = False

    def __init__(
        self, obj: T, func: Callable[P, Any], /, *args: P.args, **kwargs: P.kwargs
    ) -> None:
        try:
            info = _Info(obj, self)
        except TypeError:
            check(obj)
            raise
        info.func = func
        info.args = args
        info.kwargs = kwargs
        info.atexit = True
        info.pid = _state.pid
        info.this_process_only = False
        # A plain function without arguments, the usual case, cannot hold anything.
        plain = type(func) is FunctionType and not (func.__closure__ or func.__defaults__)
        if args or kwargs or not plain:
            warn_if_futile("this finalizer", obj, func, args, kwargs)
        if not self._registered_with_atexit:
            _register_with_atexit()
        self._registry[self] = info
        _state.one_was_made = True

    def __call__(self, _: Any = None) -> Any:
        """Make the call if it is still to be made, and return its result; otherwise None."""
        info = self._registry.pop(self, None)
        if info is None or self._shutdown:
            return None
        if info.this_process_only and info.pid != _state.pid:
            return None
        if info.kwargs:
            return info.func(*info.args, **info.kwargs)
        return info.func(*info.args)

    def detach(self) -> tuple[T, Callable[P, Any], tuple[Any, ...], dict[str, Any]] | None:
        """Give up the call. Return ``(obj, func, args, kwargs)`` if it was to be made, or None."""
        call = self.peek()
        return None if call is None or self._registry.pop(self, None) is None else call

    def peek(self) -> tuple[T, Callable[P, Any], tuple[Any, ...], dict[str, Any]] | None:
        """Return ``(obj, func, args, kwargs)`` if the call is to be made, or None."""
        info = self._registry.get(self)
        obj = None if info is None else info()
        if info is None or obj is None:
            return None
        return obj, info.func, info.args, info.kwargs

    @property
    def alive(self) -> bool:
        """Whether the call is still to be made."""
        return self in self._registry

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


class _State:
    """The process we are in, without a system call each time; and whether to look again."""

    __slots__ = ("one_was_made", "pid")

    def __init__(self) -> None:
        self.one_was_made = False
        self.pid = os.getpid()


_state = _State()


def _in_child() -> None:
    _state.pid = os.getpid()
    # multiprocessing clears the exit functions of a forked child (3.13, gh-83856).
    finalize._registered_with_atexit = False


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_in_child)


def _register_with_atexit() -> None:
    # At the first finalizer and not at import: exit functions run in reverse order. A race may
    # register twice, which does no harm.
    finalize._registered_with_atexit = True
    call_at_exit(finalize._exitfunc)


def _due_at_exit() -> Iterator[finalize[..., Any]]:
    """Yield what is to be called, the newest first, and look again whenever one was made."""
    due = _oldest_first()
    while due:
        yield due.pop()
        if _state.one_was_made:
            due = _oldest_first()


def _oldest_first() -> list[finalize[..., Any]]:
    _state.one_was_made = False
    # The registry is a dict, and so in the order in which they were made.
    registry = pairs_of(finalize._registry)
    return [f for f, info in registry if info.atexit and info.pid == _state.pid]


def _call_guarded(finalizer: finalize[..., Any]) -> None:
    try:
        finalizer()
    except Exception:  # noqa: BLE001  # one that fails must not stop the others
        sys.excepthook(*sys.exc_info())
