"""References with something added: `KeyedRef`, the dead reference, and the names of proxy types."""

from builtins import ReferenceError
from collections.abc import Callable
from typing import Any, Generic, TypeVar

from weakrefs._primitives import CallableProxyType, ProxyType, ref
from weakrefs.weakrefable import check

__all__ = ["DEAD", "MISSING", "KeyedRef", "ProxyTypes", "ReferenceError", "keyed_ref"]

K = TypeVar("K")
T = TypeVar("T")

ProxyTypes = (ProxyType, CallableProxyType)


class KeyedRef(ref[T], Generic[K, T]):
    """A weak reference that remembers under which key a mapping holds it.

    Arguments:
        ob: the referent.
        callback: called with the dead `KeyedRef` when the referent dies, or None.
        key: any object; held strongly, readable and writable as ``key``.

    Raises:
        TypeError: the referent cannot be weakly referenced.
    """

    __slots__ = ("key",)
    key: K

    def __new__(cls, ob: T, callback: Callable[[Any], object] | None, key: K) -> "KeyedRef[K, T]":
        self = ref.__new__(cls, ob, callback)
        self.key = key
        return self

    # In place of `ref.__init__`, which refuses a third argument, and else does nothing.
    def __init__(self, ob: T, callback: Callable[[Any], object] | None, key: K) -> None:
        pass


class _Mortal:
    __slots__ = ("__weakref__",)


# Any lookup that misses can answer with this: called like a living entry, it returns None.
DEAD: ref[Any] = ref(_Mortal())


# "No default was given", where None would be one.
MISSING: Any = object()


def keyed_ref(
    key: K, value: T, callback: Callable[[Any], object], _new: Callable[..., Any] = ref.__new__
) -> KeyedRef[K, T]:
    """Return ``KeyedRef(value, callback, key)``, made three times faster.

    It skips the Python constructor: the key is set afterwards, which nobody can observe, since
    the caller keeps `value` alive meanwhile.

    Raises:
        TypeError: `value` cannot be weakly referenced; the message names the remedy.
    """
    try:
        entry: KeyedRef[K, T] = _new(KeyedRef, value, callback)
    except TypeError:
        check(value)
        raise
    entry.key = key
    return entry
