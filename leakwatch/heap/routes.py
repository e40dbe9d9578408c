"""The objects on the way from a root to a survivor, listed only when somebody asks."""

from collections.abc import Sequence
from typing import Protocol

from leakwatch.heap.centre import centre_of
from leakwatch.heap.walk import HeapGraph


class Route(Protocol):
    """How a survivor is reached.

    A class and no closure: thousands of them live while the heap is looked at, and what is of
    our own types is left out of every count.
    """

    def to_survivor(self) -> Sequence[object]:
        """The objects of the path, the root's target first and the survivor last."""

    def to_kin(self, kin: int) -> Sequence[object]:
        """The objects of the path on through the survivor to one of its kind, given by id."""

    def to_centre(self) -> Sequence[object]:
        """The objects from the survivor to the one that its company belongs to, if there is one.

        Empty where it is the survivor itself.
        """


class WalkedRoute:
    """A route along the parent links of the walk."""

    __slots__ = ("_graph", "_inside", "_kin", "_position")

    def __init__(
        self, graph: HeapGraph, position: int, kin: Sequence[int] = (), inside: range = range(0)
    ) -> None:
        self._graph = graph
        self._position = position
        self._kin = kin
        self._inside = inside

    def to_survivor(self) -> list[object]:
        """Follow the parent links."""
        return chain_to(self._graph, self._position)

    def to_kin(self, kin: int) -> list[object]:
        """Follow the parent links from the one with that id, which lead through the survivor."""
        at = next(at for at in self._kin if id(self._graph.object_at(at)) == kin)
        return chain_to(self._graph, at)

    def to_centre(self) -> Sequence[object]:
        """Follow the parent links from the centre up to the survivor."""
        centre = centre_of(self._graph, self._position, self._inside)
        if centre is None:
            return ()
        chain = chain_to(self._graph, centre)
        return chain[len(self.to_survivor()) - 1 :]


class KnownRoute:
    """A route that was found some other way."""

    __slots__ = ("_chain",)

    def __init__(self, chain: Sequence[object]) -> None:
        self._chain = chain

    def to_survivor(self) -> Sequence[object]:
        """The objects as they were found."""
        return self._chain

    def to_kin(self, kin: int) -> Sequence[object]:
        """The same: what else is of its kind has not been looked for."""
        return self._chain

    def to_centre(self) -> Sequence[object]:
        """None: what it brings along has not been looked at."""
        return ()


def chain_to(graph: HeapGraph, position: int) -> list[object]:
    """The objects of the path to a position, the root's target first."""
    chain = []
    while position >= 0:
        chain.append(graph.object_at(position))
        position = graph.parent_of(position)
    chain.reverse()
    return chain
