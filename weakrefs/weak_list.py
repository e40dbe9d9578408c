"""`WeakList`: a list whose items leave when they die."""

from collections.abc import Callable, Iterable, Iterator, MutableSequence
from threading import RLock
from typing import Any, Self, TypeVar, overload

from weakrefs._primitives import ref
from weakrefs.copying import own_state
from weakrefs.weakrefable import check

__all__ = ["WeakList"]

T = TypeVar("T")


class WeakList(MutableSequence[T]):
    """A list that does not keep its items: as they die, those behind them move up.

    Arguments:
        items: an iterable of items to begin with.

    Raises:
        TypeError: an item cannot be weakly referenced; the message names the remedy.

    An index is so good only as long as the items before it live. Iteration goes over the items
    of the moment when it begins; nothing that happens meanwhile raises. Dead items are taken out
    at the next look. Append and index cost O(1) while nothing dies; every other change O(n).
    """

    data: list[ref[T]]

    def __init__(self, items: Iterable[T] = ()) -> None:
        self.data = []
        self._some_died = False
        self._note_death = _death_noter(self)
        # For writers. A callback only sets a flag: it must not wait for whoever it interrupts.
        self._writing = RLock()
        self.extend(items)

    def __len__(self) -> int:
        self._purge()
        return len(self.data)

    def __iter__(self) -> Iterator[T]:
        for item_ref in list(self.data):
            item = item_ref()
            if item is not None:
                yield item

    def __reversed__(self) -> Iterator[T]:
        for item_ref in reversed(list(self.data)):
            item = item_ref()
            if item is not None:
                yield item

    @overload
    def __getitem__(self, index: int) -> T: ...
    @overload
    def __getitem__(self, index: slice) -> list[T]: ...
    def __getitem__(self, index: int | slice) -> T | list[T]:
        """Return the item at an index, or a plain list of the items of a slice.

        Raises:
            IndexError: there are not so many living items.
        """
        if isinstance(index, slice):
            return list(self)[index]
        while True:
            self._purge()
            item = self.data[index]()
            if item is not None:
                return item
            self._some_died = True

    @overload
    def __setitem__(self, index: int, value: T) -> None: ...
    @overload
    def __setitem__(self, index: slice, value: Iterable[T]) -> None: ...
    def __setitem__(self, index: Any, value: Any) -> None:
        self._change(lambda items: items.__setitem__(index, value))

    def __delitem__(self, index: int | slice) -> None:
        self._change(lambda items: items.__delitem__(index))

    def insert(self, index: int, value: T) -> None:
        """Insert `value` before the living item at `index`."""
        self._change(lambda items: items.insert(index, value))

    def append(self, value: T) -> None:
        """Add `value` at the end."""
        item_ref = self._ref(value)
        with self._writing:
            self.data.append(item_ref)

    def pop(self, index: int = -1) -> T:
        """Remove and return the living item at `index`.

        Raises:
            IndexError: there are not so many living items.
        """
        item: T = self._change(lambda items: items.pop(index))
        return item

    def remove(self, value: T) -> None:
        """Remove the first item that equals `value`.

        Raises:
            ValueError: there is none.
        """
        self._change(lambda items: items.remove(value))

    def reverse(self) -> None:
        """Turn the order around."""
        self._change(lambda items: items.reverse())

    def sort(self, *, key: Callable[[T], Any] | None = None, reverse: bool = False) -> None:
        """Sort the living items, as `list.sort` does."""
        self._change(lambda items: items.sort(key=key, reverse=reverse))

    def clear(self) -> None:
        """Remove all items."""
        with self._writing:
            self.data.clear()

    def __copy__(self) -> Self:
        return type(self)(self)

    copy = __copy__

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        """Return a copy with the same items: copied ones would die at once."""
        return type(self)(self)

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle the living items; a loaded one stays if the same pickle holds it."""
        return type(self), (list(self),), own_state(self)

    def __eq__(self, other: object) -> bool:
        """Return whether `other` is a `WeakList` of equal items in the same order."""
        if not isinstance(other, WeakList):
            return NotImplemented
        return list(self) == list(other)

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"<{type(self).__name__} at {id(self):#x}>"

    def _change(self, change: Callable[[list[T]], Any]) -> Any:
        # On a plain list, which keeps the items: so no index shifts while the change is made.
        with self._writing:
            items = list(self)
            result = change(items)
            self.data[:] = [self._ref(item) for item in items]
        return result

    def _ref(self, item: T) -> ref[T]:
        try:
            return ref(item, self._note_death)
        except TypeError:
            check(item)
            raise

    def _purge(self) -> None:
        if self._some_died:
            with self._writing:
                self._some_died = False
                self.data[:] = [item_ref for item_ref in self.data if item_ref() is not None]


def _death_noter(weak_list: WeakList[T]) -> Callable[[ref[T]], None]:
    def note_death(_: ref[T], list_ref: ref[Any] = ref(weak_list)) -> None:
        weak_list = list_ref()
        if weak_list is not None:
            weak_list._some_died = True

    return note_death
