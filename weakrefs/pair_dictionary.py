"""`WeakKeyValueDictionary`: an entry leaves when its key dies, or its value."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Self, TypeVar

from weakrefs._primitives import _remove_dead_weakref, ref
from weakrefs.references import DEAD, MISSING, KeyedRef, keyed_ref
from weakrefs.weak_mapping import WeakMapping
from weakrefs.weakrefable import check

__all__ = ["WeakKeyValueDictionary"]

K = TypeVar("K")
V = TypeVar("V")


class WeakKeyValueDictionary(WeakMapping[K, V]):
    """A mapping that holds neither its keys nor its values, such as from widget to its model.

    Arguments:
        other: a mapping, or an iterable of pairs, to begin with.

    Raises:
        TypeError: a key or a value cannot be weakly referenced; the message names the remedy.

    Keys are compared with ``==``; of two equal keys the first counts. Iteration goes over the
    entries of the moment when it begins; nothing that happens meanwhile raises.
    """

    data: dict[ref[K], KeyedRef[ref[K], V]]

    def __init__(self, other: Mapping[K, V] | Iterable[tuple[K, V]] = (), /) -> None:
        self.data = {}
        self._remove = _key_remover(self)
        self._remove_value = _value_remover(self)
        self.update(other)

    def __getitem__(self, key: K) -> V:
        value = self.data.get(ref(key), DEAD)()
        if value is None:
            raise KeyError(key)
        return value

    def __setitem__(self, key: K, value: V) -> None:
        entry = self._entry(key, value)
        # A dict keeps the first of equal keys; the entry names the one that the dict keeps.
        entry.key = self.data.get(entry.key, entry).key
        self.data[entry.key] = entry

    def _entry(self, key: K, value: V) -> KeyedRef[ref[K], V]:
        try:
            key_ref = ref(key, self._remove)
        except TypeError:
            check(key)
            raise
        return keyed_ref(key_ref, value, self._remove_value)

    def __delitem__(self, key: K) -> None:
        del self.data[ref(key)]

    def __contains__(self, key: object) -> bool:
        try:
            key_ref: ref[Any] = ref(key)
        except TypeError:
            return False
        return self.data.get(key_ref, DEAD)() is not None

    def __iter__(self) -> Iterator[K]:
        return (key for key, _ in self.items())

    def values(self) -> Iterator[V]:  # type: ignore[override]
        """Return an iterator over the living values whose key is alive too."""
        return (value for _, value in self.items())

    def items(self) -> Iterator[tuple[K, V]]:  # type: ignore[override]
        """Return an iterator over the pairs of which both sides are alive."""
        for entry in list(self.data.values()):
            key, value = entry.key(), entry()
            if key is not None and value is not None:
                yield key, value

    def get(self, key: K, default: Any = None) -> Any:
        """Return the living value of `key`, or `default`."""
        value = self.data.get(ref(key), DEAD)()
        return default if value is None else value

    def setdefault(self, key: K, default: V) -> V:
        """Return the living value of `key`; when there is none, make it `default`.

        Threads that race for a key all get the same object.

        Raises:
            TypeError: `key` or `default` cannot be weakly referenced.
        """
        entry = self._entry(key, default)
        while True:
            winner = self.data.setdefault(entry.key, entry)()
            if winner is not None:
                return winner
            _remove_dead_weakref(self.data, entry.key)

    def pop(self, key: K, default: Any = MISSING) -> Any:
        """Remove `key` and return its value, or `default` if there is no living one.

        Raises:
            KeyError: no living value and no default.
        """
        value = self.data.pop(ref(key), DEAD)()
        if value is not None:
            return value
        if default is MISSING:
            raise KeyError(key)
        return default

    def popitem(self) -> tuple[K, V]:
        """Remove and return the newest pair of which both sides are alive.

        Raises:
            KeyError: the mapping is empty.
        """
        while True:
            key_ref, entry = self.data.popitem()
            key, value = key_ref(), entry()
            if key is not None and value is not None:
                return key, value

    def copy(self) -> Self:
        """Return a new mapping of the same class with the same entries."""
        return type(self)(self)

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        """Return a copy with the same keys and values: copied ones would die at once."""
        return self.copy()


def _key_remover(mapping: WeakKeyValueDictionary[K, V]) -> Callable[[ref[K]], None]:
    def remove(key_ref: ref[K], mapping_ref: ref[Any] = ref(mapping)) -> None:
        mapping = mapping_ref()
        if mapping is not None:
            mapping.data.pop(key_ref, None)

    return remove


def _value_remover(
    mapping: WeakKeyValueDictionary[K, V],
) -> Callable[[KeyedRef[ref[K], V]], None]:
    def remove(entry: KeyedRef[ref[K], V], mapping_ref: ref[Any] = ref(mapping)) -> None:
        mapping = mapping_ref()
        if mapping is not None:
            _remove_dead_weakref(mapping.data, entry.key)

    return remove
