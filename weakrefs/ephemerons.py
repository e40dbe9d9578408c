"""`EphemeronDictionary`: a value may reach its own key, and both still die."""

from collections.abc import Iterable, Iterator, Mapping
from threading import RLock
from typing import Any, Self, TypeVar

from weakrefs.attachments import Attachments, Token, attach, attached
from weakrefs.identity import IdEntry, id_entry, remover
from weakrefs.references import MISSING
from weakrefs.weak_mapping import WeakMapping

__all__ = ["EphemeronDictionary"]

K = TypeVar("K")
V = TypeVar("V")


class EphemeronDictionary(WeakMapping[K, V]):
    """A mapping by identity whose values are kept on their keys, and not by the mapping.

    In every other mapping with weak keys a value that reaches its key keeps it for ever. Here
    that is an ordinary cycle, which the collector finds.

    Arguments:
        other: a mapping, or an iterable of pairs, to begin with.

    Raises:
        TypeError: a key has no place for an attribute, or cannot be weakly referenced. Instances
            of ordinary classes, functions, modules and classes have; of builtins and slotted
            classes not. The message names the remedy.

    A value lives as long as both its key and the mapping. The limits: a value that reaches the
    *mapping* keeps it as long as the key lives. The value can be seen in ``vars(key)``, under one
    attribute of ours: a deep copy or a pickle of the key leaves it behind, a shallow copy keeps
    it alive.
    """

    data: dict[int, IdEntry[K, None]]

    def __init__(self, other: Mapping[K, V] | Iterable[tuple[K, V]] = (), /) -> None:
        self.data = {}
        self._remove = remover(self)
        self._token = Token()
        # For writers, so that value and entry come and go together. No callback takes it.
        self._writing = RLock()
        self.update(other)

    def __getitem__(self, key: K) -> V:
        value = self.get(key, MISSING)
        if value is MISSING:
            raise KeyError(key)
        return value  # type: ignore[no-any-return]

    def get(self, key: K, default: Any = None) -> Any:
        """Return the value of `key`, or `default`."""
        on_key = attached(key)
        return default if on_key is None else on_key.values.get(self._token, default)

    def __contains__(self, key: object) -> bool:
        on_key = attached(key)
        return on_key is not None and self._token in on_key.values

    def __setitem__(self, key: K, value: V) -> None:
        on_key = attach(key)
        with self._writing:
            on_key.values[self._token] = value
            self._enlist(key)

    def setdefault(self, key: K, default: Any = None) -> Any:
        """Return the value of `key`; when there is none, make it `default`.

        Threads that race for a key all get the same object.

        Raises:
            TypeError: nothing can be attached to `key`.
        """
        on_key = attach(key)
        with self._writing:
            value = on_key.values.setdefault(self._token, default)
            self._enlist(key)
        return value

    def _enlist(self, key: K) -> None:
        entry = self.data.get(id(key))
        if entry is None or entry() is not key:
            self.data[id(key)] = id_entry(key, None, self._remove)

    def __delitem__(self, key: K) -> None:
        self.pop(key)

    def pop(self, key: K, default: Any = MISSING) -> Any:
        """Remove `key` and return its value, or `default` if there is none.

        Raises:
            KeyError: no such key and no default.
        """
        on_key = attached(key)
        value = MISSING if on_key is None else self._take(key, on_key)
        if value is not MISSING:
            return value
        if default is MISSING:
            raise KeyError(key)
        return default

    def _take(self, key: K, on_key: Attachments) -> Any:
        with self._writing:
            value = on_key.values.pop(self._token, MISSING)
            if value is not MISSING:
                self.data.pop(id(key), None)
        return value

    def popitem(self) -> tuple[K, V]:
        """Remove and return the newest pair whose key is alive.

        Raises:
            KeyError: the mapping is empty.
        """
        for key in reversed(self):
            value = self.pop(key, MISSING)
            if value is not MISSING:
                return key, value
        raise KeyError("popitem(): dictionary is empty")

    def clear(self) -> None:
        """Remove all entries."""
        for key in self:
            self.pop(key, None)

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

    def items(self) -> Iterator[tuple[K, V]]:  # type: ignore[override]
        """Return an iterator over pairs of living key and value."""
        for key in self:
            value = self.get(key, MISSING)
            if value is not MISSING:
                yield key, value

    def values(self) -> Iterator[V]:  # type: ignore[override]
        """Return an iterator over the values whose key is alive."""
        return (value for _, value in self.items())

    def update(self, other: Mapping[K, V] | Iterable[tuple[K, V]] = (), /) -> None:  # type: ignore[override]
        """Add the entries of `other`, a mapping or an iterable of pairs.

        Raises:
            TypeError: nothing can be attached to a key; earlier entries have been added.
        """
        self._set_all(other.items() if isinstance(other, Mapping) else other)

    def copy(self) -> Self:
        """Return a new mapping of the same class with the same entries."""
        return type(self)(self)

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        """Return a copy with the same keys and copied values: a copied key would die at once."""
        from copy import deepcopy

        return type(self)((key, deepcopy(value, memo)) for key, value in self.items())

    def __eq__(self, other: object) -> bool:
        """Return whether both hold the very same keys, and equal values for them."""
        if not isinstance(other, EphemeronDictionary):
            return NotImplemented
        held = list(self.items())
        return len(held) == len(other) and all(
            other.get(key, MISSING) == value for key, value in held
        )

    __hash__ = None  # type: ignore[assignment]
