"""`WeakKeyDictionary`: values are held as long as their key lives."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Self, TypeVar

from weakrefs._primitives import ref
from weakrefs.core import KeyOperations, hot

__all__ = ["WeakKeyDictionary"]

K = TypeVar("K")
V = TypeVar("V")

# The first sentence is that of the standard library, since 3.15.
_NO_KEYWORDS = (
    "Keyword arguments are not supported: cannot create weak reference to 'str' object. "
    "Hand over a mapping, or an iterable of pairs."
)


@hot
class WeakKeyDictionary(KeyOperations[K, V]):
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

    def __init__(self, dict: Mapping[K, V] | Iterable[tuple[K, V]] | None = None) -> None:
        self._start()
        if dict is not None:
            self.update(dict)

    def update(self, other: Any = None, /, **kwargs: V) -> None:
        """Add the entries of `other`, a mapping or an iterable of pairs.

        Raises:
            TypeError: a key cannot be weakly referenced, and earlier entries have been added; or
                there are keyword arguments, and nothing has: their names are strings.
        """
        if kwargs:
            raise TypeError(_NO_KEYWORDS)
        super().update(other)

    def __reversed__(self) -> Iterator[K]:
        for key_ref in reversed(list(self.data)):
            key = key_ref()
            if key is not None:
                yield key

    def iterkeyrefs(self) -> Iterator[ref[K]]:
        """Return an iterator over what `keyrefs` lists."""
        return iter(self.keyrefs())

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
