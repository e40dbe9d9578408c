"""The hot operations of `WeakKeyDictionary`, in Python: the definition of correct."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeVar, overload

from weakrefs._primitives import ref
from weakrefs.references import MISSING
from weakrefs.snapshots import pairs_of
from weakrefs.weak_mapping import WeakMapping
from weakrefs.weakrefable import check

__all__ = ["KeyOperations"]

K = TypeVar("K")
V = TypeVar("V")
D = TypeVar("D")


class KeyOperations(WeakMapping[K, V]):
    """What `WeakKeyDictionary` does with its entries; `weakrefs.core` may replace it."""

    data: dict[ref[K], V]

    def _start(self) -> None:
        self.data = {}
        self._remove = _remover(self)

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

    def values(self) -> Iterator[V]:  # type: ignore[override]
        """Return an iterator over the values whose key is alive."""
        for key_ref, value in pairs_of(self.data):
            if key_ref() is not None:
                yield value

    def items(self) -> Iterator[tuple[K, V]]:  # type: ignore[override]
        """Return an iterator over pairs of living key and value."""
        for key_ref, value in pairs_of(self.data):
            key = key_ref()
            if key is not None:
                yield key, value

    def keyrefs(self) -> list[ref[K]]:
        """Return a list of the references to the keys; a reference may be dead when used."""
        return list(self.data)

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
    def setdefault(self: "KeyOperations[K, V | None]", key: K, default: None = None) -> V: ...
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


def _remover(mapping: KeyOperations[K, V]) -> Callable[[ref[K]], None]:
    # Defaults in place of a closure: faster, and no cycle between mapping, callback and keys.
    # A dead reference equals only itself, so the one atomic `pop` runs no `__eq__` of a key.
    def remove(key_ref: ref[K], mapping_ref: "ref[KeyOperations[K, V]]" = ref(mapping)) -> None:
        mapping = mapping_ref()
        if mapping is not None:
            mapping.data.pop(key_ref, None)

    return remove
