"""`weak_callback`: a callback that does not keep alive whoever wants to be called."""

from collections.abc import Callable
from functools import partial
from types import BuiltinMethodType, MethodType, MethodWrapperType, ModuleType
from typing import Any, Generic, ParamSpec, Self, TypeVar

from weakrefs._primitives import ref
from weakrefs.methods import WeakMethod
from weakrefs.weakrefable import check

__all__ = ["WeakCallback", "weak_callback"]

P = ParamSpec("P")
R = TypeVar("R")

_METHODS = (MethodType, BuiltinMethodType, MethodWrapperType)


class WeakCallback(Generic[P, R]):
    """A callable that calls its target while that lives, and does nothing afterwards.

    Two of them are equal if their targets are alive and equal, or if they are the same.
    """

    __slots__ = ("__weakref__", "_args", "_kwargs", "_on_dead", "_target_ref")

    def __init__(
        self,
        target: Callable[P, R],
        on_dead: "Callable[[WeakCallback[P, R]], object] | None" = None,
    ) -> None:
        func, self._args, self._kwargs = _taken_apart(target)
        self._on_dead = on_dead
        self._target_ref = _weak(func, None if on_dead is None else _teller(self))

    @property
    def alive(self) -> bool:
        """Whether the target is still there."""
        return self._target_ref() is not None

    def target(self) -> Callable[P, R] | None:
        """Return the target, as a new bound method or partial where it was one; or None."""
        func = self._target_ref()
        if func is None or not (self._args or self._kwargs):
            return func
        return partial(func, *self._args, **self._kwargs)

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R | None:
        func = self._target_ref()
        if func is None:
            return None
        result: R = func(*self._args, *args, **{**self._kwargs, **kwargs})
        return result

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, WeakCallback):
            return NotImplemented
        return self is other or (
            self._target_ref == other._target_ref
            and self._args == other._args
            and self._kwargs == other._kwargs
        )

    def __hash__(self) -> int:
        return hash(self._target_ref)

    def __copy__(self) -> Self:
        """Return the callback itself, as references do."""
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        """Return the callback itself, as references do."""
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        """Refuse to be pickled: who is to be called lives in this process, and may be gone."""
        raise TypeError(
            "a WeakCallback cannot be pickled: it holds nothing that could be saved. Pickle the "
            "target, and call weak_callback(target) after loading."
        )

    def __repr__(self) -> str:
        return f"<WeakCallback at {id(self):#x}; {'alive' if self.alive else 'dead'}>"


def weak_callback(
    target: Callable[P, R], on_dead: Callable[[WeakCallback[P, R]], object] | None = None
) -> WeakCallback[P, R]:
    """Return a callable that calls `target` without keeping it alive.

    Arguments:
        target: what to call. Of a bound method its object is held weakly, and its function; of a
            partial what it calls, while its arguments are held; anything else itself: so a
            lambda that nobody else holds is gone at once.
        on_dead: called once with the dead callback, to take it out of a list, say; or None.

    Raises:
        TypeError: `target` cannot be weakly referenced; the message names the remedy.
    """
    return WeakCallback(target, on_dead)


def _taken_apart(target: Any) -> tuple[Any, tuple[Any, ...], dict[str, Any]]:
    if type(target) is partial:
        return target.func, target.args, target.keywords
    return target, (), {}


def _weak(func: Any, callback: Callable[[Any], object] | None) -> ref[Any]:
    # A builtin function has a `__self__` too: its module.
    if isinstance(func, _METHODS) and not isinstance(func.__self__, ModuleType | None):
        return WeakMethod(func, callback)
    try:
        return ref(func, callback)
    except TypeError:
        check(func)
        raise


def _teller(callback: WeakCallback[..., Any]) -> Callable[[Any], None]:
    callback_ref = ref(callback)

    def tell(_: Any) -> None:
        callback = callback_ref()
        if callback is not None and callback._on_dead is not None:
            callback._on_dead(callback)

    return tell
