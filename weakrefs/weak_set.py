"""`WeakSet`: elements leave when they die."""

from collections.abc import Iterable, Iterator
from itertools import chain
from typing import TYPE_CHECKING, Any, Self, TypeVar

from weakrefs._primitives import ref
from weakrefs.copying import own_state
from weakrefs.core import SetOperations, hot
from weakrefs.weakrefable import is_weakrefable

__all__ = ["WeakSet"]

T = TypeVar("T")


@hot
class WeakSet(SetOperations[T]):
    """A set whose elements leave when they die.

    Arguments:
        data: an iterable of elements to begin with.

    Raises:
        TypeError: an element cannot be weakly referenced (the message names the remedy), or
            hashed.

    Elements are compared with ``==``; of two equal ones the first counts. For identity see
    `WeakIdSet`. Methods named with words take any number of iterables; operators take one, and
    work with plain sets on either side. A `WeakSet` equals only another `WeakSet`.

    Iteration goes over the elements of the moment when it begins; nothing that happens meanwhile
    raises. ``len`` is exact except inside a collection, where it may count elements whose
    callback has not come yet.
    """

    def __init__(self, data: Iterable[T] | None = None) -> None:
        self._start()
        if data is not None:
            self.update(data)

    def clear(self) -> None:
        """Remove all elements."""
        self.data.clear()

    def copy(self) -> Self:
        """Return a set of the same class with the same elements."""
        return type(self)(self)

    def __reduce__(self) -> tuple[Any, ...]:
        """Copy or pickle the living elements; a loaded one stays if the same pickle holds it."""
        return type(self), (list(self),), own_state(self)

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        """Return a copy with copied attributes and the same elements: copied ones would die."""
        from copy import copy, deepcopy

        new = copy(self)
        for name, value in _attributes(own_state(self)):
            object.__setattr__(new, name, deepcopy(value, memo))
        return new

    def update(self, *others: Iterable[T]) -> None:
        """Add the elements of all `others`.

        Raises:
            TypeError: an element cannot be weakly referenced, or not hashed.
        """
        for other in others:
            self._add_all(other)

    def _add_all(self, items: Iterable[T]) -> None:
        if type(self).add is not WeakSet.add:
            # A subclass that checks or counts what is added expects to be asked.
            for item in items:
                self.add(item)
            return
        self._add_refs(items)

    def __ior__(self, other: Iterable[T]) -> Self:  # type: ignore[override,misc]
        self.update(other)
        return self

    def union(self, *others: Iterable[Any]) -> Self:
        """Return a set of the elements of this set and of all `others`."""
        return type(self)(chain(self, *others))

    def intersection(self, *others: Iterable[Any]) -> Self:
        """Return a set of the elements that are in this set and in all `others`."""
        common = self.data
        for other in others:
            common = common.intersection(_possible_refs(other))
        return type(self)(_living(common))

    def intersection_update(self, *others: Iterable[Any]) -> None:
        """Keep only the elements that are in all `others` too."""
        # Not `set.intersection_update`: it takes over references of the other side, which do
        # not have our callback. Dead ones would then stay for ever.
        for other in others:
            self.data.difference_update(self.data.difference(_refs(other)))

    def __iand__(self, other: Iterable[Any]) -> Self:
        self.intersection_update(other)
        return self

    def difference(self, *others: Iterable[Any]) -> Self:
        """Return a set of the elements that are in none of `others`."""
        return type(self)(_living(self.data.difference(*map(_refs, others))))

    def difference_update(self, *others: Iterable[Any]) -> None:
        """Remove the elements of all `others`."""
        self.data.difference_update(*map(_refs, others))

    def __isub__(self, other: Iterable[Any]) -> Self:
        self.difference_update(other)
        return self

    def symmetric_difference(self, other: Iterable[Any]) -> Self:
        """Return a set of the elements that are in exactly one of this set and `other`."""
        return type(self)(_living(self.data.symmetric_difference(_refs(other))))

    if TYPE_CHECKING:  # some take an assigned name to be of the type that the base class declares

        def __or__(self, other: Iterable[Any]) -> Self: ...
        def __and__(self, other: Iterable[Any]) -> Self: ...
        def __sub__(self, other: Iterable[Any]) -> Self: ...
        def __xor__(self, other: Iterable[Any]) -> Self: ...

    else:
        __or__, __and__ = union, intersection
        __sub__, __xor__ = difference, symmetric_difference

    def symmetric_difference_update(self, other: Iterable[Any]) -> None:
        """Keep the elements that are in exactly one of this set and `other`."""
        self.data.symmetric_difference_update(self._own_refs(other))

    def __ixor__(self, other: Iterable[Any]) -> Self:
        self.symmetric_difference_update(other)
        return self

    def _own_refs(self, items: Iterable[T]) -> set[ref[T]]:
        remove = self._remove
        return {ref(item, remove) for item in items}

    def issubset(self, other: Iterable[Any]) -> bool:
        """Return whether every element is in `other`."""
        return self.data.issubset(_refs(other))

    __le__ = issubset

    def issuperset(self, other: Iterable[Any]) -> bool:
        """Return whether every element of `other` is in this set."""
        return self.data.issuperset(_refs(other))

    __ge__ = issuperset

    def isdisjoint(self, other: Iterable[Any]) -> bool:
        """Return whether no element of `other` is in this set."""
        return self.data.isdisjoint(_possible_refs(other))

    def __lt__(self, other: Iterable[Any]) -> bool:
        return self.data < set(_refs(other))

    def __gt__(self, other: Iterable[Any]) -> bool:
        return self.data > set(_refs(other))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, type(self)):
            return NotImplemented
        return self.data == other.data

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return repr(self.data)


# Generators and not `map`: they keep an item alive until its reference has been hashed.
def _refs(items: Iterable[Any]) -> Iterable[ref[Any]]:
    return items.data if isinstance(items, WeakSet) else (ref(item) for item in items)


def _possible_refs(items: Iterable[Any]) -> Iterable[ref[Any]]:
    """Like `_refs`, and leave out what cannot be referenced, since it is in no weak set."""
    if isinstance(items, WeakSet):
        return items.data
    return (ref(item) for item in items if is_weakrefable(item))


def _living(refs: Iterable[ref[T]]) -> Iterator[T]:
    return (item for item_ref in list(refs) if (item := item_ref()) is not None)


def _attributes(state: Any) -> Iterator[tuple[str, Any]]:
    for attributes in state if isinstance(state, tuple) else (state,):
        yield from (attributes or {}).items()
