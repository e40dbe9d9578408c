"""The hot operations of `WeakSet`, in Python: the definition of correct."""

from collections.abc import Callable, Iterable, Iterator, MutableSet
from typing import TypeVar

from weakrefs._primitives import ref
from weakrefs.weakrefable import check

__all__ = ["SetOperations"]

T = TypeVar("T")


class SetOperations(MutableSet[T]):
    """What `WeakSet` does with its elements; `weakrefs.core` may replace it."""

    data: set[ref[T]]

    def _start(self) -> None:
        self.data = set()
        self._remove = _remover(self)

    def __contains__(self, item: object) -> bool:
        try:
            item_ref = ref(item)
        except TypeError:
            return False
        return item_ref in self.data

    def __len__(self) -> int:
        return len(self.data)

    def __iter__(self) -> Iterator[T]:
        for item_ref in list(self.data):
            item = item_ref()
            if item is not None:
                yield item

    def add(self, item: T) -> None:
        """Add `item`, unless an equal one is there.

        Raises:
            TypeError: `item` cannot be weakly referenced, or not hashed.
        """
        try:
            self.data.add(ref(item, self._remove))
        except TypeError:
            check(item)
            raise

    def discard(self, item: T) -> None:
        """Remove `item` if it is there.

        Raises:
            TypeError: `item` cannot be weakly referenced, or not hashed.
        """
        self.data.discard(ref(item))

    def remove(self, item: T) -> None:
        """Remove `item`.

        Raises:
            KeyError: it is not there.
            TypeError: `item` cannot be weakly referenced, or not hashed.
        """
        self.data.remove(ref(item))

    def pop(self) -> T:
        """Remove and return any living element.

        Raises:
            KeyError: the set is empty.
        """
        while self.data:
            try:
                item = self.data.pop()()
            except KeyError:  # the last one died after the look
                break
            if item is not None:
                return item
        raise KeyError("pop from empty WeakSet")

    def _add_refs(self, items: Iterable[T]) -> None:
        add, remove = self.data.add, self._remove
        for item in items:
            try:
                add(ref(item, remove))
            except TypeError:
                check(item)
                raise


def _remover(weak_set: SetOperations[T]) -> Callable[[ref[T]], None]:
    # Defaults in place of a closure: faster, and no cycle between set, callback and references.
    # A dead reference equals only itself, so the one atomic step runs no `__eq__` of an element.
    def remove(item_ref: ref[T], set_ref: "ref[SetOperations[T]]" = ref(weak_set)) -> None:
        weak_set = set_ref()
        if weak_set is not None:
            weak_set.data.discard(item_ref)

    return remove
