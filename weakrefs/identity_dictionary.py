"""`WeakIdKeyDictionary`: weak keys that are compared with ``is``."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Self, TypeVar, overload

from weakrefs._primitives import _remove_dead_weakref, ref
from weakrefs.identity import IdEntry, id_entry, living_entry, remover
from weakrefs.references import MISSING
from weakrefs.weak_mapping import WeakMapping

__all__ = ["WeakIdKeyDictionary"]

K = TypeVar("K")
V = TypeVar("V")
D = TypeVar("D")


class WeakIdKeyDictionary(WeakMapping[K, V]):
    """A mapping whose keys are compared by identity, and whose entries leave when the key dies.

    Arguments:
        other: a mapping, or an iterable of pairs, to begin with.

    Raises:
        TypeError: a key cannot be weakly referenced; the message names the remedy.

    It takes keys that cannot be hashed, or whose ``==`` is no truth value (arrays, tensors,
    mutable records), and never calls a method of a key. A value that reaches its own key keeps
    it alive for ever: see `EphemeronDictionary`.

    Iteration goes over the entries of the moment when it begins; nothing that happens meanwhile
    raises. ``len`` is exact except inside a collection. An object that a ``__del__`` brings back
    to life has lost its entry if it died in a cycle.
    """

    data: dict[int, IdEntry[K, V]]

    def __init__(self, other: Mapping[K, V] | Iterable[tuple[K, V]] = (), /) -> None:
        self.data = {}
        self._remove = remover(self)
        if isinstance(other, Mapping):
            self._set_all(other.items())
        else:
            self._set_all(other)

    def __getitem__(self, key: K) -> V:
        entry = self.data.get(id(key))
        if entry is None or entry() is not key:
            raise KeyError(key)
        return entry.value

    def __setitem__(self, key: K, value: V) -> None:
        self.data[id(key)] = id_entry(key, value, self._remove)

    def __delitem__(self, key: K) -> None:
        self.pop(key)

    def __contains__(self, key: object) -> bool:
        entry = self.data.get(id(key))
        return entry is not None and entry() is key

    def __iter__(self) -> Iterator[K]:
        for entry in list(self.data.values()):
            key = entry()
            if key is not None:
                yield key

    def __reversed__(self) -> Iterator[K]:
        for entry in reversed(list(self.data.values())):
            key = entry()
            if key is not None:
                yield key

    def values(self) -> Iterator[V]:  # type: ignore[override]
        """Return an iterator over the values whose key is alive."""
        for entry in list(self.data.values()):
            if entry() is not None:
                yield entry.value

    def items(self) -> Iterator[tuple[K, V]]:  # type: ignore[override]
        """Return an iterator over pairs of living key and value."""
        for entry in list(self.data.values()):
            key = entry()
            if key is not None:
                yield key, entry.value

    def keyrefs(self) -> list[ref[K]]:
        """Return a list of the references to the keys; a reference may be dead when used."""
        return list(self.data.values())

    @overload
    def get(self, key: K, default: None = None) -> V | None: ...
    @overload
    def get(self, key: K, default: V) -> V: ...
    @overload
    def get(self, key: K, default: D) -> V | D: ...
    def get(self, key: K, default: Any = None) -> Any:
        """Return the value of `key`, or `default`."""
        entry = self.data.get(id(key))
        return default if entry is None or entry() is not key else entry.value

    @overload
    def setdefault(self: "WeakIdKeyDictionary[K, V | None]", key: K, default: None = None) -> V: ...
    @overload
    def setdefault(self, key: K, default: V) -> V: ...
    def setdefault(self, key: K, default: Any = None) -> Any:
        """Return the value of `key`; when there is none, make it `default`.

        Threads that race for a key all get the same object.

        Raises:
            TypeError: `key` cannot be weakly referenced.
        """
        entry = living_entry(self.data, key)
        return self._enter(key, default) if entry is None else entry.value

    def _enter(self, key: K, value: V) -> V:
        entry = id_entry(key, value, self._remove)
        while True:
            winner = self.data.setdefault(entry.key_id, entry)
            if winner() is key:
                return winner.value
            _remove_dead_weakref(self.data, entry.key_id)

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
        """
        entry = living_entry(self.data, key)
        if entry is not None:
            entry = self.data.pop(entry.key_id, None)
        if entry is not None:
            return entry.value
        if default is MISSING:
            raise KeyError(key)
        return default

    def popitem(self) -> tuple[K, V]:
        """Remove and return the newest pair whose key is alive.

        Raises:
            KeyError: the mapping is empty.
        """
        while True:
            entry = self.data.popitem()[1]
            key = entry()
            if key is not None:
                return key, entry.value

    def update(self, other: Mapping[K, V] | Iterable[tuple[K, V]] = (), /) -> None:  # type: ignore[override]
        """Add the entries of `other`, a mapping or an iterable of pairs.

        Raises:
            TypeError: a key cannot be weakly referenced; earlier entries have been added.
        """
        self._set_all(other.items() if isinstance(other, Mapping) else other)

    def copy(self) -> "WeakIdKeyDictionary[K, V]":
        """Return a new `WeakIdKeyDictionary` of the living entries."""
        return WeakIdKeyDictionary(self)

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        """Return a copy with the same keys and copied values: a copied key would die at once."""
        from copy import deepcopy

        new = self._empty()
        new._set_all((key, deepcopy(value, memo)) for key, value in self.items())
        return new

    def __eq__(self, other: object) -> bool:
        """Return whether both hold the very same keys, and equal values for them."""
        if not isinstance(other, WeakIdKeyDictionary):
            return NotImplemented
        return _values_by_id(self) == _values_by_id(other)

    __hash__ = None  # type: ignore[assignment]


def _values_by_id(mapping: WeakIdKeyDictionary[Any, V]) -> dict[int, V]:
    return {id(key): value for key, value in mapping.items()}
