"""One look at a living process: how many objects of each type, where they are, how long what is.

Numbers only. A look holds no object, not for a moment: each count is one function in C, in which
the program stands still, so nothing dies in our hands and no finalizer runs on our thread.
(In pure Python a list of the objects is held as long as they are counted.)
"""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from leakwatch.growth.own_notes import Ids, Notes
from leakwatch.heap.listing import listed_addresses, listed_census, listed_lengths
from leakwatch.heap.objects import full_type_name
from leakwatch.interpreter import monotonic
from leakwatch.tracking.newborn import may_leak_again
from leakwatch.tracking.type_filter import TypeFilter
from leakwatch.tracking.window import suspended


@dataclass(frozen=True, slots=True)
class Look:
    """What there was at one moment.

    Attributes:
        at: when, as `monotonic` tells the time.
        counts: the number of objects, by the id of their exact type.
        there: addresses of the objects; after the first look, of those that are new since.
        lengths: addresses and lengths of containers; after the first look, of those that have
            become longer from each look to the next.
    """

    at: float
    counts: Notes[int]
    there: bytes
    lengths: bytes


def look(first: Look | None = None, last: Look | None = None) -> Look:
    """Look at the process.

    Args:
        first: the look that newborn objects are told by; None for the first.
        last: the one that growing containers are told by.
    """
    # Where a scope has a window open, the older heap is out of sight.
    with suspended():
        counts = Notes((id(cls), count) for cls, count in listed_census())
        objects = sum(counts.values())
        there = listed_addresses(None if first is None else first.there, objects)
        lengths = listed_lengths(None if last is None else last.lengths, objects)
    return Look(monotonic(), counts, there, lengths)


def names_of(kinds: frozenset[int]) -> dict[int, str]:
    """The names of types that are known by their ids."""
    with suspended():
        return {id(cls): full_type_name(cls) for cls, _ in listed_census() if id(cls) in kinds}


def asked_about(wanted: TypeFilter | None) -> frozenset[int]:
    """Ids of the types that may leak, or of those that somebody chose."""
    judged = wanted or (lambda cls: may_leak_again(cls) is not False)
    with suspended():
        return frozenset(id(cls) for cls, _ in listed_census() if judged(cls))


def numbers_in(noted: bytes) -> "memoryview[int]":
    """The numbers, of eight bytes without a sign each."""
    return memoryview(noted).cast("Q")


class Addresses:
    """Addresses that were noted in their order; asked for one without making numbers of all."""

    __slots__ = ("_numbers",)

    def __init__(self, noted: bytes) -> None:
        self._numbers = numbers_in(noted)

    def __contains__(self, address: int) -> bool:
        at = bisect_left(self._numbers, address)
        return at < len(self._numbers) and self._numbers[at] == address

    def __iter__(self) -> Iterator[int]:
        return iter(self._numbers)

    def __len__(self) -> int:
        return len(self._numbers)


FEW = 16
"""So many times as fast is it to go through addresses as to search for one."""


def there_since(addresses: Ids, looks: Sequence[bytes]) -> Iterator[tuple[int, Ids]]:
    """Yield the number of each look, the last first, with what was there at all looks from it on.

    Backwards, for where work comes and goes an address is used again and again, and was free in
    between.

    Args:
        addresses: that are asked about.
        looks: the addresses of each look, noted in their order.
    """
    for number in reversed(range(len(looks))):
        there = Addresses(looks[number])
        few, many = (addresses, there) if len(addresses) * FEW < len(there) else (there, addresses)
        addresses = Ids(it for it in few if it in many)
        yield number, addresses


class Lengths:
    """Lengths of containers by address, as they were noted."""

    __slots__ = ("_addresses", "_lengths")

    def __init__(self, noted: bytes) -> None:
        numbers = numbers_in(noted)
        self._addresses, self._lengths = numbers[::2], numbers[1::2]

    def get(self, address: int) -> int | None:
        """The length that was noted at an address, or None."""
        at = bisect_left(self._addresses, address)
        known = at < len(self._addresses) and self._addresses[at] == address
        return self._lengths[at] if known else None

    def __iter__(self) -> Iterator[int]:
        return iter(self._addresses)
