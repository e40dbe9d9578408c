"""The heaps that are open, each with what its pages ask again and again."""

import os
from functools import lru_cache

from leakwatch import Report, Snapshot

MANY = 50_000
"""Objects of a type, from which on a tenth of a second is needed to put them in order."""
REMEMBERED = 32
"""Answers to why the objects of a type are alive, each of which took a walk."""


class OpenHeap:
    """A heap.

    Args:
        number: of it among those that are open.
        snapshot: the heap.

    Attributes:
        name: of its file.
        index: to look around in it.
        types: of it, those first that take most; pages call them by their places in here.
        bytes: of all its objects.
    """

    def __init__(self, number: int, snapshot: Snapshot) -> None:
        self.number = number
        self.snapshot = snapshot
        self.name = os.path.basename(snapshot.path)
        self.index = snapshot.index
        self.types = snapshot.types()
        self.bytes = sum(it.bytes for it in self.types)
        self.why = lru_cache(REMEMBERED)(self._why)
        self._rank_largest()
        self._ranks = {it.type_name: rank for rank, it in enumerate(self.types)}

    def _rank_largest(self) -> None:
        """Have the index put in order what it remembers and takes long for, before anybody asks."""
        self.index.dominated(count=1)
        for it in self.types:
            if it.count >= MANY:
                self.index.instances(it.type_name, count=1)

    def _why(self, rank: int) -> Report:
        return self.index.why(self.types[rank].type_name)

    def rank(self, type_name: str) -> int | None:
        """The place of a type; None where it has no objects."""
        return self._ranks.get(type_name)

    def share(self, size: int) -> float:
        """Per cent of the heap."""
        return 100 * size / self.bytes if self.bytes else 0.0
