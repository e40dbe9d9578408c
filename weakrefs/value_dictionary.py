"""`WeakValueDictionary`: keys are held, values are not."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Self, TypeVar

from weakrefs.core import ValueOperations, hot
from weakrefs.references import KeyedRef

__all__ = ["WeakValueDictionary"]

K = TypeVar("K")
V = TypeVar("V")


@hot
class WeakValueDictionary(ValueOperations[K, V]):
    """A mapping whose entries leave when their value dies.

    Arguments:
        other: a mapping, or an iterable of pairs, to begin with.
        **kwargs: more entries, under string keys.

    Raises:
        TypeError: a value cannot be weakly referenced; the message names the remedy.

    Iteration goes over the entries of the moment when it begins: what dies later is left out,
    what is added later is not seen, and nothing that happens meanwhile raises. ``len`` counts
    entries in the mapping: it is exact except inside a collection, where it may count values
    whose callback has not come yet.
    """

    def __init__(self, other: Mapping[K, V] | Iterable[tuple[K, V]] = (), /, **kwargs: V) -> None:
        self._start()
        self.update(other, **kwargs)

    def __reversed__(self) -> Iterator[K]:
        for entry in reversed(list(self.data.values())):
            if entry() is not None:
                yield entry.key

    def itervaluerefs(self) -> Iterator[KeyedRef[K, V]]:
        """Return an iterator over what `valuerefs` lists."""
        return iter(self.valuerefs())

    def copy(self) -> "WeakValueDictionary[K, V]":
        """Return a new `WeakValueDictionary` of the living entries, also for a subclass."""
        new: WeakValueDictionary[K, V] = WeakValueDictionary()
        new._set_all(self.items())
        return new

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        """Return a copy with copied keys and the same values: a copied value would die at once."""
        from copy import deepcopy

        new = self._empty()
        new._set_all((deepcopy(key, memo), value) for key, value in self.items())
        return new
