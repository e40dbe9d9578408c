"""Heaps of a given size to measure on."""

from typing import Any


class Node:
    """An object with attributes, as programs have them by the thousand."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.items = [number]
        self.names = {"number": (number, [])}


def heap_of(objects: int) -> list[Any]:
    """About so many objects that the collector tracks, held by the list returned."""
    return [Node(number) for number in range(objects // 5)]
