"""Heaps of a given size to measure on."""

from typing import Any

SIZES = (10_000, 100_000, 1_000_000)
"""Objects that the collector tracks; three sizes show how the cost grows."""


class Node:
    """An object with attributes, as programs have them by the thousand."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.items = [number]
        self.names = {"number": (number, [])}


class Linked:
    """Five objects that refer to each other as often as those of programs do: 3.5 times each."""

    def __init__(self, number: int, last: Any) -> None:
        self.items = [last, self, number]
        self.names = {"self": self, "last": last, "items": [self, last, self.items]}
        self.pair = (self, last, self.items, self.names)


class Owner:
    """An object that holds a part of the heap for itself."""

    def __init__(self, nodes: list[Node]) -> None:
        self.nodes = nodes


def heap_of(objects: int) -> list[Any]:
    """About so many objects that the collector tracks, held by the list returned."""
    return [Node(number) for number in range(objects // 5)]


def linked_heap_of(objects: int) -> list[Any]:
    """As many objects, with 3.5 references to other objects each."""
    heap: list[Any] = [None]
    for number in range(objects // 5):
        heap.append(Linked(number, heap[-1]))
    return heap


def owned_heap_of(objects: int, owners: int) -> list[Owner]:
    """As many objects, in equal parts under some owners."""
    return [Owner(heap_of(objects // owners)) for _ in range(owners)]
