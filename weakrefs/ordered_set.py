"""`WeakOrderedSet`: a weak set that keeps the order in which its elements came."""

from collections.abc import Callable, Iterable, Iterator, MutableSet
from typing import Any, Self, TypeVar

from weakrefs._primitives import ref
from weakrefs.copying import own_state
from weakrefs.weakrefable import check

__all__ = ["WeakOrderedSet"]

T = TypeVar("T")


class WeakOrderedSet(MutableSet[T]):
    """A set in the order of insertion whose elements leave when they die.

    Arguments:
        items: an iterable of elements to begin with.

    Raises:
        TypeError: an element cannot be weakly referenced (the message names the remedy), or
            hashed.

    Elements are compared with ``==``; of two equal ones the first counts. A `WeakIdSet` keeps
    the order too, and compares by identity. The order plays no part when sets are compared.
    """

    data: dict[ref[T], None]

    def __init__(self, items: Iterable[T] = ()) -> None:
        self.data = {}
        self._remove = _remover(self)
        self.update(items)

    def __contains__(self, item: object) -> bool:
        try:
            item_ref = ref(item)
        except TypeError:
            return False
        return item_ref in self.data

    def __len__(self) -> int:
        return len(self.data)

    def __iter__(self) -> Iterator[T]:
        return _living(list(self.data))

    def __reversed__(self) -> Iterator[T]:
        return _living(reversed(list(self.data)))

    def add(self, item: T) -> None:
        """Add `item` at the end; an equal one that is there already keeps its place.

        Raises:
            TypeError: `item` cannot be weakly referenced, or not hashed.
        """
        try:
            self.data.setdefault(ref(item, self._remove))
        except TypeError:
            check(item)
            raise

    def update(self, *others: Iterable[T]) -> None:
        """Add the elements of all `others` at the end, in their order.

        Raises:
            TypeError: an element cannot be weakly referenced, or not hashed.
        """
        for other in others:
            for item in other:
                self.add(item)

    def discard(self, item: T) -> None:
        """Remove `item` if it is there.

        Raises:
            TypeError: `item` cannot be weakly referenced, or not hashed.
        """
        self.data.pop(ref(item), None)

    def pop(self, *, last: bool = True) -> T:
        """Remove and return the newest living element, or the oldest.

        Arguments:
            last: take the newest.

        Raises:
            KeyError: the set is empty.
        """
        for item in reversed(self) if last else self:
            if self.data.pop(ref(item), item) is None:
                return item
        raise KeyError("pop from empty WeakOrderedSet")

    def clear(self) -> None:
        """Remove all elements."""
        self.data.clear()

    def copy(self) -> Self:
        """Return a set of the same class with the same elements in the same order."""
        return type(self)(self)

    def __copy__(self) -> Self:
        return self.copy()

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        """Return a copy with the same elements: copied ones would die at once."""
        return self.copy()

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle the living elements; a loaded one stays if the same pickle holds it."""
        return type(self), (list(self),), own_state(self)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} at {id(self):#x}>"


def _living(refs: Iterable[ref[T]]) -> Iterator[T]:
    for item_ref in refs:
        item = item_ref()
        if item is not None:
            yield item


def _remover(weak_set: WeakOrderedSet[T]) -> Callable[[ref[T]], None]:
    def remove(item_ref: ref[T], set_ref: ref[Any] = ref(weak_set)) -> None:
        weak_set = set_ref()
        if weak_set is not None:
            weak_set.data.pop(item_ref, None)

    return remove
