"""What all weak mappings have in common: whatever can be said in terms of their entries."""

from collections.abc import Iterable, Iterator, Mapping, MutableMapping
from typing import Any, Self, TypeVar

from weakrefs.copying import own_state

__all__ = ["WeakMapping"]

K = TypeVar("K")
V = TypeVar("V")


class WeakMapping(MutableMapping[K, V]):
    """The common part of the weak mappings; not public.

    A subclass keeps its entries in `data`, and says how to set many (`_set_all`), how to `copy`
    itself, and the one-step operations.
    """

    data: dict[Any, Any]

    def __len__(self) -> int:
        return len(self.data)

    # Iterators and not views, as in the standard library, where `next(d.keys())` is in use.
    def keys(self) -> Iterator[K]:  # type: ignore[override]
        """Return an iterator over the living keys."""
        return iter(self)

    def clear(self) -> None:
        """Remove all entries."""
        self.data.clear()

    def update(self, other: Any = None, /, **kwargs: V) -> None:
        """Add the entries of `other`, a mapping or an iterable of pairs, and of `kwargs`.

        Raises:
            TypeError: what must be held weakly cannot be; earlier entries have been added.
        """
        if other is not None:
            self._set_all((other if hasattr(other, "items") else dict(other)).items())
        if kwargs:
            self._set_all(kwargs.items())

    def _set_all(self, items: Iterable[tuple[Any, V]]) -> None:
        for key, value in items:
            self[key] = value

    def _empty(self) -> Self:
        return type(self)()

    def copy(self) -> "WeakMapping[K, V]":
        """Return a new mapping of the living entries."""
        raise NotImplementedError

    def __copy__(self) -> "WeakMapping[K, V]":
        return self.copy()

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle the living entries; a loaded one stays if the same pickle holds its object."""
        return type(self), (), own_state(self), None, iter(list(self.items()))

    def __or__(self, other: Mapping[Any, Any]) -> "WeakMapping[Any, Any]":
        if not isinstance(other, Mapping):
            return NotImplemented
        new = self.copy()
        new.update(other)
        return new

    def __ror__(self, other: Mapping[Any, Any]) -> Self:
        if not isinstance(other, Mapping):
            return NotImplemented
        new = self._empty()
        new.update(other)
        new.update(self)
        return new

    def __ior__(self, other: Any) -> Self:  # type: ignore[misc]  # takes pairs, `|` does not
        self.update(other)
        return self

    def __repr__(self) -> str:
        return f"<{type(self).__name__} at {id(self):#x}>"
