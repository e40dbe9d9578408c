"""`WeakIdSet`: weak elements that are compared with ``is``."""

from collections.abc import Iterable, Iterator, MutableSet
from typing import Any, Self, TypeVar

from weakrefs.copying import own_state
from weakrefs.identity import IdEntry, id_entry, living_entry, remover

__all__ = ["WeakIdSet"]

T = TypeVar("T")


class WeakIdSet(MutableSet[T]):
    """A set of objects compared by identity, which leave when they die. It keeps their order.

    Arguments:
        items: an iterable of elements to begin with.

    Raises:
        TypeError: an element cannot be weakly referenced; the message names the remedy.

    It takes objects that cannot be hashed, or whose ``==`` is no truth value, and never calls a
    method of theirs, whatever is on the other side of an operator.

    Iteration goes over the elements of the moment when it begins; nothing that happens meanwhile
    raises. ``len`` is exact except inside a collection.
    """

    data: dict[int, IdEntry[T, None]]

    def __init__(self, items: Iterable[T] = ()) -> None:
        self.data = {}
        self._remove = remover(self)
        self.update(items)

    def __contains__(self, item: object) -> bool:
        entry = self.data.get(id(item))
        return entry is not None and entry() is item

    def __len__(self) -> int:
        return len(self.data)

    def __iter__(self) -> Iterator[T]:
        for entry in list(self.data.values()):
            item = entry()
            if item is not None:
                yield item

    def __reversed__(self) -> Iterator[T]:
        for entry in reversed(list(self.data.values())):
            item = entry()
            if item is not None:
                yield item

    def add(self, item: T) -> None:
        """Add `item`; one that is there already keeps its place.

        Raises:
            TypeError: `item` cannot be weakly referenced.
        """
        if item not in self:
            self.data[id(item)] = id_entry(item, None, self._remove)

    def discard(self, item: T) -> None:
        """Remove `item` if it is there."""
        entry = living_entry(self.data, item)
        if entry is not None:
            self.data.pop(entry.key_id, None)

    def clear(self) -> None:
        """Remove all elements."""
        self.data.clear()

    def pop(self) -> T:
        """Remove and return the newest living element.

        Raises:
            KeyError: the set is empty.
        """
        while True:
            item = self.data.popitem()[1]()
            if item is not None:
                return item

    def update(self, *others: Iterable[T]) -> None:
        """Add the elements of all `others`."""
        for other in others:
            for item in other:
                self.add(item)

    def copy(self) -> Self:
        """Return a set of the same class with the same elements."""
        return type(self)(self)

    def __copy__(self) -> Self:
        return self.copy()

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        """Return a copy with the same elements: copied ones would die at once."""
        return self.copy()

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle the living elements; a loaded one stays if the same pickle holds it."""
        return type(self), (list(self),), own_state(self)

    def __or__(self, other: Iterable[Any]) -> Self:
        return type(self)([*self, *other])

    __ror__ = __or__

    def __and__(self, other: Iterable[Any]) -> Self:
        ids = _ids(other)
        return type(self)(item for item in self if id(item) in ids)

    __rand__ = __and__

    def __sub__(self, other: Iterable[Any]) -> Self:
        ids = _ids(other)
        return type(self)(item for item in self if id(item) not in ids)

    def __rsub__(self, other: Iterable[Any]) -> Self:
        return type(self)(item for item in other if item not in self)

    def __xor__(self, other: Iterable[Any]) -> Self:
        others = list(other)
        return (self - others) | [item for item in others if item not in self]

    __rxor__ = __xor__

    def __le__(self, other: Iterable[Any]) -> bool:
        return _ids(self).keys() <= _ids(other).keys()

    def __lt__(self, other: Iterable[Any]) -> bool:
        return _ids(self).keys() < _ids(other).keys()

    def __ge__(self, other: Iterable[Any]) -> bool:
        return _ids(self).keys() >= _ids(other).keys()

    def __gt__(self, other: Iterable[Any]) -> bool:
        return _ids(self).keys() > _ids(other).keys()

    def __eq__(self, other: object) -> bool:
        """Return whether both are `WeakIdSet` and hold the very same objects."""
        if not isinstance(other, WeakIdSet):
            return NotImplemented
        return _ids(self).keys() == _ids(other).keys()

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"<{type(self).__name__} at {id(self):#x}>"


def _ids(items: Iterable[T]) -> dict[int, T]:
    # The values keep the items alive, or an id could be given away between two looks.
    return {id(item): item for item in items}
