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


class Owner:
    """An object that holds a part of the heap for itself."""

    def __init__(self, nodes: list[Node]) -> None:
        self.nodes = nodes


def heap_of(objects: int) -> list[Any]:
    """About so many objects that the collector tracks, held by the list returned."""
    return [Node(number) for number in range(objects // 5)]


def owned_heap_of(objects: int, owners: int) -> list[Owner]:
    """As many objects, in equal parts under some owners."""
    return [Owner(heap_of(objects // owners)) for _ in range(owners)]
