"""The operations of `finalize`: how a call is registered, made and given up."""

import os
from collections.abc import Callable
from types import FunctionType
from typing import Any, ClassVar, Generic, ParamSpec, TypeVar

from weakrefs._primitives import ref
from weakrefs.pinning import warn_if_futile
from weakrefs.weakrefable import check

__all__ = ["FinalizerOperations", "Info", "finalizers_made", "keep_finalizers"]

P = ParamSpec("P")
T = TypeVar("T")

_process = os.getpid()
"""The process we are in, without a system call each time."""
_made = 0


class Info(ref[Any]):
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


def keep_finalizers(registry: dict[Any, Info], warn: Callable[..., None], pid: int) -> None:
    """Say what the native twin cannot look up for itself, and the process we are in.

    Arguments:
        registry: the finalizers that are alive, the oldest first.
        warn: `warn_if_futile`.
        pid: of this process; said again in a forked child.
    """
    global _process  # noqa: PLW0603  # one number for the process
    _process = pid


def finalizers_made() -> int:
    """Return how many finalizers were made, by which to see that there are new ones."""
    return _made


class FinalizerOperations(Generic[P, T]):
    """A key of the registry, where all that is known of the finalizer is."""

    # No state here, only in the registry: so a finalizer is never part of a cycle.
    __slots__ = ()
    _registry: ClassVar[dict[Any, Info]]
    _registered_with_atexit: ClassVar[bool]
    _shutdown: ClassVar[bool]

    def __init__(
        self, obj: T, func: Callable[P, Any], /, *args: P.args, **kwargs: P.kwargs
    ) -> None:
        try:
            info = Info(obj, self)
        except TypeError:
            check(obj)
            raise
        info.func = func
        info.args = args
        info.kwargs = kwargs
        info.atexit = True
        info.pid = _process
        info.this_process_only = False
        # A plain function without arguments, the usual case, cannot hold anything.
        plain = type(func) is FunctionType and not (func.__closure__ or func.__defaults__)
        if args or kwargs or not plain:
            warn_if_futile("this finalizer", obj, func, args, kwargs)
        if not self._registered_with_atexit:
            self._register_with_atexit()
        self._registry[self] = info
        global _made  # noqa: PLW0603  # one number for the process
        _made += 1

    @classmethod
    def _register_with_atexit(cls) -> None:
        raise NotImplementedError

    def __call__(self, _: Any = None) -> Any:
        """Make the call if it is still to be made, and return its result; otherwise None."""
        info = self._registry.pop(self, None)
        if info is None or self._shutdown:
            return None
        if info.this_process_only and info.pid != _process:
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
