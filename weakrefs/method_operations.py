"""The operations of `WeakMethod`: how it is made, called and compared."""

from collections.abc import Callable
from types import BuiltinMethodType, MethodType, MethodWrapperType
from typing import Any, Self, TypeVar

from weakrefs._primitives import ref
from weakrefs.pinning import warn_if_futile
from weakrefs.weakrefable import check

__all__ = ["MethodOperations"]

M = TypeVar("M", bound=Callable[..., Any])

_BUILTIN_METHODS = (BuiltinMethodType, MethodWrapperType)

_deref = ref.__call__
_same_object = ref.__eq__


class MethodOperations(ref[M]):
    """A reference to the object of a method, with one to its function."""

    __slots__ = ("_func_ref", "_meth_type")
    _func_ref: Callable[[], Any]
    _meth_type: Callable[[Any, Any], M]

    def __new__(cls, meth: M, callback: Callable[[Self], object] | None = None) -> Self:
        method: Any = meth
        self: Self
        if callback is None and type(method) is MethodType:  # the usual case
            self = _new(cls, method.__self__, None, ref(method.__func__), MethodType)
        else:
            self = made(_new, cls, method, callback)
        return self

    def __call__(self) -> M | None:
        obj = _deref(self)
        func = self._func_ref()
        if obj is None or func is None:
            return None
        return self._meth_type(func, obj)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, MethodOperations):
            return NotImplemented
        func_ref = self._func_ref
        if not (_same_object(self, other) and func_ref == other._func_ref):
            return False
        # References to a dead object differ, but those to a dead function may be one and the same.
        return func_ref() is not None or self is other

    def __ne__(self, other: object) -> bool:
        if not isinstance(other, MethodOperations):
            return NotImplemented
        return not self == other

    __hash__ = ref.__hash__


def _new(cls: Any, obj: object, on_death: Any, func_ref: Any, meth_type: Any) -> Any:
    try:
        self = ref.__new__(cls, obj, on_death)
    except TypeError:
        check(obj)
        raise
    self._func_ref, self._meth_type = func_ref, meth_type
    return self


def made(new: Callable[..., Any], cls: type[Any], meth: Any, callback: Any) -> Any:
    """Return a `WeakMethod` of a method.

    Arguments:
        new: makes it, of ``(cls, obj, on_death, func_ref, meth_type)``.
        cls: its class.
        meth: any kind of bound method.
        callback: called once with the dead `WeakMethod`, or None.

    Raises:
        TypeError: `meth` is not a bound method, or its object cannot be weakly referenced.
    """
    obj, func = _parts(meth)
    on_death, self_cell = None, list[ref[Any]]()
    if callback is not None:
        warn_if_futile("the callback of this WeakMethod", obj, callback)
        on_death = _once(self_cell, callback)
    if type(meth) in _BUILTIN_METHODS:
        self = new(cls, obj, on_death, _BuiltinFunction(func), _bind)
    else:
        self = new(cls, obj, on_death, ref(func, on_death), type(meth))
    self_cell.append(ref(self))
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
