"""`WeakKeyDictionary`: values are held as long as their key lives."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Self, TypeVar, overload

from weakrefs._primitives import ref
from weakrefs.references import MISSING
from weakrefs.weak_mapping import WeakMapping
from weakrefs.weakrefable import check

__all__ = ["WeakKeyDictionary"]

K = TypeVar("K")
V = TypeVar("V")
D = TypeVar("D")


class WeakKeyDictionary(WeakMapping[K, V]):
    """A mapping whose entries leave when their key dies.

    Arguments:
        dict: a mapping, or an iterable of pairs, to begin with.

    Raises:
        TypeError: a key cannot be weakly referenced (the message names the remedy), or hashed.

    Keys are compared with ``==``; of two equal keys the first counts, and the entry goes when
    that one dies. For identity see `WeakIdKeyDictionary`. A value that reaches its own key keeps
    it alive for ever: see `EphemeronDictionary`.

    Iteration goes over the entries of the moment when it begins; nothing that happens meanwhile
    raises. ``len`` counts entries in the mapping: it is exact except inside a collection, where
    it may count keys whose callback has not come yet.
    """

    data: dict[ref[K], V]

    def __init__(self, dict: Mapping[K, V] | Iterable[tuple[K, V]] | None = None) -> None:
        self.data = {}
        self._remove = _remover(self)
        if dict is not None:
            self.update(dict)

    def __getitem__(self, key: K) -> V:
        return self.data[ref(key)]

    def __setitem__(self, key: K, value: V) -> None:
        try:
            self.data[ref(key, self._remove)] = value
        except TypeError:
            check(key)
            raise

    def __delitem__(self, key: K) -> None:
        del self.data[ref(key)]

    def __contains__(self, key: object) -> bool:
        try:
            key_ref = ref(key)
        except TypeError:
            return False
        return key_ref in self.data

    def __iter__(self) -> Iterator[K]:
        for key_ref in list(self.data):
            key = key_ref()
            if key is not None:
                yield key

    def __reversed__(self) -> Iterator[K]:
        for key_ref in reversed(list(self.data)):
            key = key_ref()
            if key is not None:
                yield key

    # `dict.copy` is one step. `list(d.items())` is not on 3.11: its tuples can set off a
    # collection, whose callbacks change the dict under it.
    def values(self) -> Iterator[V]:  # type: ignore[override]
        """Return an iterator over the values whose key is alive."""
        for key_ref, value in self.data.copy().items():
            if key_ref() is not None:
                yield value

    def items(self) -> Iterator[tuple[K, V]]:  # type: ignore[override]
        """Return an iterator over pairs of living key and value."""
        for key_ref, value in self.data.copy().items():
            key = key_ref()
            if key is not None:
                yield key, value

    def keyrefs(self) -> list[ref[K]]:
        """Return a list of the references to the keys; a reference may be dead when used."""
        return list(self.data)

    def iterkeyrefs(self) -> Iterator[ref[K]]:
        """Return an iterator over what `keyrefs` lists."""
        return iter(self.keyrefs())

    @overload
    def get(self, key: K, default: None = None) -> V | None: ...
    @overload
    def get(self, key: K, default: V) -> V: ...
    @overload
    def get(self, key: K, default: D) -> V | D: ...
    def get(self, key: K, default: Any = None) -> Any:
        """Return the value of `key`, or `default`.

        Raises:
            TypeError: `key` cannot be weakly referenced, or not hashed.
        """
        return self.data.get(ref(key), default)

    @overload
    def setdefault(self: "WeakKeyDictionary[K, V | None]", key: K, default: None = None) -> V: ...
    @overload
    def setdefault(self, key: K, default: V) -> V: ...
    def setdefault(self, key: K, default: Any = None) -> Any:
        """Return the value of `key`; when there is none, make it `default`. One atomic step.

        Raises:
            TypeError: `key` cannot be weakly referenced, or not hashed.
        """
        try:
            return self.data.setdefault(ref(key, self._remove), default)
        except TypeError:
            check(key)
            raise

    @overload
    def pop(self, key: K) -> V: ...
    @overload
    def pop(self, key: K, default: V) -> V: ...
    @overload
    def pop(self, key: K, default: D) -> V | D: ...
    def pop(self, key: K, default: Any = MISSING) -> Any:
        """Remove `key` and return its value, or `default` if there is none.

        Raises:
            KeyError: no such key and no default.
            TypeError: `key` cannot be weakly referenced, or not hashed.
        """
        if default is MISSING:
            return self.data.pop(ref(key))
        return self.data.pop(ref(key), default)

    def popitem(self) -> tuple[K, V]:
        """Remove and return the newest pair whose key is alive.

        Raises:
            KeyError: the mapping is empty.
        """
        while True:
            key_ref, value = self.data.popitem()
            key = key_ref()
            if key is not None:
                return key, value

    def _set_all(self, items: Iterable[tuple[Any, V]]) -> None:
        data, remove = self.data, self._remove
        for key, value in items:
            try:
                data[ref(key, remove)] = value
            except TypeError:
                check(key)
                raise

    def copy(self) -> "WeakKeyDictionary[K, V]":
        """Return a new `WeakKeyDictionary` of the living entries, also for a subclass."""
        new: WeakKeyDictionary[K, V] = WeakKeyDictionary()
        new._set_all(self.items())
        return new

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        """Return a copy with the same keys and copied values: a copied key would die at once."""
        from copy import deepcopy

        new = self._empty()
        new._set_all((key, deepcopy(value, memo)) for key, value in self.items())
        return new


def _remover(mapping: WeakKeyDictionary[K, V]) -> Callable[[ref[K]], None]:
    # Defaults in place of a closure: faster, and no cycle between mapping, callback and keys.
    # A dead reference equals only itself, so the one atomic `pop` runs no `__eq__` of a key.
    def remove(key_ref: ref[K], mapping_ref: "ref[WeakKeyDictionary[K, V]]" = ref(mapping)) -> None:
        mapping = mapping_ref()
        if mapping is not None:
            mapping.data.pop(key_ref, None)

    return remove
