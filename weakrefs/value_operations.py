"""The hot operations of `WeakValueDictionary`, in Python: the definition of correct."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeVar, overload

from weakrefs._primitives import _remove_dead_weakref, ref
from weakrefs.references import DEAD, MISSING, KeyedRef, keyed_ref
from weakrefs.weak_mapping import WeakMapping

__all__ = ["ValueOperations"]

K = TypeVar("K")
V = TypeVar("V")
D = TypeVar("D")


class ValueOperations(WeakMapping[K, V]):
    """What `WeakValueDictionary` does with its entries; `weakrefs.core` may replace it."""

    data: dict[K, KeyedRef[K, V]]

    def _start(self) -> None:
        self.data = {}
        self._remove = _remover(self)

    def __getitem__(self, key: K) -> V:
        value = self.data[key]()
        if value is None:
            raise KeyError(key)
        return value

    def __setitem__(self, key: K, value: V) -> None:
        data = self.data
        entry = keyed_ref(key, value, self._remove)
        # A dict keeps the first of equal keys; the entry names the one that the dict keeps.
        entry.key = data.get(key, entry).key
        data[key] = entry

    def __delitem__(self, key: K) -> None:
        del self.data[key]

    def __contains__(self, key: object) -> bool:
        return self.data.get(key, DEAD)() is not None  # type: ignore[arg-type]  # any object

    def __iter__(self) -> Iterator[K]:
        for entry in list(self.data.values()):
            if entry() is not None:
                yield entry.key

    def values(self) -> Iterator[V]:  # type: ignore[override]
        """Return an iterator over the living values."""
        for entry in list(self.data.values()):
            value = entry()
            if value is not None:
                yield value

    def items(self) -> Iterator[tuple[K, V]]:  # type: ignore[override]
        """Return an iterator over pairs of key and living value."""
        for entry in list(self.data.values()):
            value = entry()
            if value is not None:
                yield entry.key, value

    def valuerefs(self) -> list[KeyedRef[K, V]]:
        """Return a list of the references to the values; a reference may be dead when used."""
        return list(self.data.values())

    @overload
    def get(self, key: K, default: None = None) -> V | None: ...
    @overload
    def get(self, key: K, default: V) -> V: ...
    @overload
    def get(self, key: K, default: D) -> V | D: ...
    def get(self, key: K, default: Any = None) -> Any:
        """Return the living value of `key`, or `default`."""
        value = self.data.get(key, DEAD)()
        return default if value is None else value

    def setdefault(self, key: K, default: V) -> V:
        """Return the living value of `key`; when there is none, make it `default`.

        Threads that race for a key all get the same object.

        Raises:
            TypeError: `default` is needed and cannot be weakly referenced.
        """
        try:
            value = self.data[key]()
        except KeyError:
            return self._enter(key, default)
        return self._enter(key, default) if value is None else value

    def _enter(self, key: K, value: V) -> V:
        data = self.data
        entry = keyed_ref(key, value, self._remove)
        while True:
            winner = data.setdefault(key, entry)()
            if winner is not None:
                return winner
            _remove_dead_weakref(data, key)

    @overload
    def pop(self, key: K) -> V: ...
    @overload
    def pop(self, key: K, default: V) -> V: ...
    @overload
    def pop(self, key: K, default: D) -> V | D: ...
    def pop(self, key: K, default: Any = MISSING) -> Any:
        """Remove `key` and return its value, or `default` if there is no living one.

        Raises:
            KeyError: no living value and no default.
        """
        value = self.data.pop(key, DEAD)()
        if value is not None:
            return value
        if default is MISSING:
            raise KeyError(key)
        return default

    def popitem(self) -> tuple[K, V]:
        """Remove and return the newest pair that is alive.

        Raises:
            KeyError: the mapping is empty.
        """
        while True:
            key, entry = self.data.popitem()
            value = entry()
            if value is not None:
                return key, value

    def _set_all(self, items: Iterable[tuple[Any, V]]) -> None:
        data, remove = self.data, self._remove
        for key, value in items:
            entry = keyed_ref(key, value, remove)
            entry.key = data.get(key, entry).key
            data[key] = entry


def _remover(mapping: ValueOperations[K, V]) -> Callable[[KeyedRef[K, V]], None]:
    # Defaults in place of a closure: faster, and no cycle between mapping, callback and entries.
    # One atomic step, as it may run on any thread, inside any other method of the mapping.
    def remove(
        entry: KeyedRef[K, V],
        mapping_ref: "ref[ValueOperations[K, V]]" = ref(mapping),
        remove_if_dead: Callable[[Any, Any], None] = _remove_dead_weakref,
    ) -> None:
        mapping = mapping_ref()
        if mapping is not None:
            remove_if_dead(mapping.data, entry.key)

    return remove
