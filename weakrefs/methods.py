"""`WeakMethod`: a weak reference to a bound method, which itself dies the moment it was made."""

from collections.abc import Callable
from types import BuiltinMethodType, MethodWrapperType
from typing import Any, Self, TypeVar

from weakrefs._primitives import ref
from weakrefs.pinning import warn_if_futile
from weakrefs.weakrefable import check

__all__ = ["WeakMethod"]

M = TypeVar("M", bound=Callable[..., Any])
W = TypeVar("W", bound="WeakMethod[Any]")

_BUILTIN_METHODS = (BuiltinMethodType, MethodWrapperType)

_deref = ref.__call__
_same_object = ref.__eq__


class WeakMethod(ref[M]):
    """A weak reference to a bound method: dead when its object dies, or its function.

    Arguments:
        meth: a bound method: of a Python class, compiled, or builtin such as ``deque.append``.
        callback: called once with the dead `WeakMethod`, or None. It is not called if the
            `WeakMethod` itself has gone or is being collected together with its object.

    Raises:
        TypeError: `meth` is not a bound method, or its object cannot be weakly referenced.

    Warns:
        RuntimeWarning: `callback` holds the same object, which so never dies, or can never see it.

    Calling it returns the bound method again, or None. Two of them are equal if both are alive
    and refer to the same function of equal objects; a dead one equals only itself. The hash is
    that of the object.
    """

    __slots__ = ("__weakref__", "_func_ref", "_meth_type")
    _func_ref: Callable[[], Any]
    _meth_type: Callable[[Any, Any], M]

    def __new__(cls, meth: M, callback: Callable[[Self], object] | None = None) -> Self:
        obj, func = _parts(meth)
        if callback is None:
            return _new(cls, meth, obj, func, None)
        warn_if_futile("the callback of this WeakMethod", obj, callback)
        self_cell: list[ref[Self]] = []
        self = _new(cls, meth, obj, func, _once(self_cell, callback))
        self_cell.append(ref(self))
        return self

    def __call__(self) -> M | None:
        obj = _deref(self)
        func = self._func_ref()
        if obj is None or func is None:
            return None
        return self._meth_type(func, obj)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, WeakMethod):
            return NotImplemented
        func_ref = self._func_ref
        if not (_same_object(self, other) and func_ref == other._func_ref):
            return False
        # References to a dead object differ, but those to a dead function may be one and the same.
        return func_ref() is not None or self is other

    def __ne__(self, other: object) -> bool:
        if not isinstance(other, WeakMethod):
            return NotImplemented
        return not self == other

    __hash__ = ref.__hash__


def _new(
    cls: type[W], meth: Any, obj: object, func: Any, on_death: Callable[[Any], None] | None
) -> W:
    try:
        self = ref.__new__(cls, obj, on_death)
    except TypeError:
        check(obj)
        raise
    if type(meth) in _BUILTIN_METHODS:
        self._func_ref, self._meth_type = _BuiltinFunction(func), _bind
    else:
        self._func_ref, self._meth_type = ref(func, on_death), type(meth)
    return self


class _BuiltinFunction:
    """Stands in for a weak reference to the function of a builtin method, which cannot be had."""

    __slots__ = ("descriptor",)

    def __init__(self, descriptor: Any) -> None:
        self.descriptor = descriptor

    def __call__(self) -> Any:
        return self.descriptor

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _BuiltinFunction) and self.descriptor is other.descriptor

    __hash__ = None  # type: ignore[assignment]


def _parts(meth: Any) -> tuple[Any, Any]:
    try:
        if type(meth) in _BUILTIN_METHODS:
            return meth.__self__, getattr(type(meth.__self__), meth.__name__)
        return meth.__self__, meth.__func__
    except AttributeError:
        raise TypeError(f"argument should be a bound method, not {type(meth)}") from None


def _bind(descriptor: Any, obj: Any) -> Any:
    return descriptor.__get__(obj, type(obj))


def _once(self_cell: list[ref[Any]], callback: Callable[[Any], object]) -> Callable[[Any], None]:
    # The method is reached weakly, or its own callback would keep it. It may be gone, when it is
    # collected together with its object: then there is nobody to tell about.
    def on_death(_: Any) -> None:
        try:
            self_ref = self_cell.pop()
        except IndexError:  # told before: object and function are watched by the same callback
            return
        method = self_ref()
        if method is not None:
            callback(method)

    return on_death
