"""The objects on the way from a root to a survivor, listed only when somebody asks."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Protocol

from leakwatch.heap.graph import HeapGraph
from leakwatch.heap.objects import is_exactly
from leakwatch.heap.structural_types import DICTS, has_a_name
from leakwatch.interpreter import get_referents


class Route(Protocol):
    """How a survivor is reached.

    A class and no closure: thousands of them live while the heap is looked at, and what is of
    leakwatch's own types is left out of every count.
    """

    def to_survivor(self) -> Sequence[object]:
        """The objects of the path, the root's target first and the survivor last."""

    def to_nested(self, nested: int) -> Sequence[object]:
        """The objects of the path on to one of the survivor's type that it alone holds, by id."""

    def to_inner(self, cls: type) -> Sequence[object]:
        """The objects from the survivor to the nearest of a type that it alone retains.

        Empty where there is none, or where that has not been looked at.
        """

    def centre(self) -> type | None:
        """The type of the object that most of what the survivor retains refers to.

        None where there is none, and where it is the survivor itself.
        """


class WalkedRoute:
    """A route along the parent links of the walk."""

    __slots__ = ("_graph", "_inside", "_nested", "_position")

    def __init__(
        self, graph: HeapGraph, position: int, nested: Sequence[int] = (), inside: range = range(0)
    ) -> None:
        self._graph = graph
        self._position = position
        self._nested = nested
        self._inside = inside

    def to_survivor(self) -> list[object]:
        """Follow the parent links."""
        return chain_to(self._graph, self._position)

    def to_nested(self, nested: int) -> list[object]:
        """Follow the parent links from the one with that id, which lead through the survivor."""
        at = next(at for at in self._nested if id(self._graph.object_at(at)) == nested)
        return chain_to(self._graph, at)

    def to_inner(self, cls: type) -> Sequence[object]:
        """Follow the parent links from the first of that type up to the survivor."""
        found = (at for at in self._inside if type(self._graph.object_at(at)) is cls)
        if (inner := next(found, None)) is None:
            return ()
        return chain_to(self._graph, inner)[len(self.to_survivor()) - 1 :]

    def centre(self) -> type | None:
        """Look at who refers to whom in what the survivor retains."""
        centre = centre_of(self._graph, self._position, self._inside)
        return None if centre is None else type(self._graph.object_at(centre))


class KnownRoute:
    """A route that was found some other way.

    Args:
        chain: the objects of the path to the survivor.
        onward: those of the path on to the nearest of its type that it alone holds, if one is
            known.
    """

    __slots__ = ("_chain", "_onward")

    def __init__(self, chain: Sequence[object], onward: Sequence[object] = ()) -> None:
        self._chain = chain
        self._onward = onward

    def to_survivor(self) -> Sequence[object]:
        """The objects as they were found."""
        return self._chain

    def to_nested(self, nested: int) -> Sequence[object]:
        """The path to the nearest of them, which is the one that is asked for."""
        return self._onward or self._chain

    def to_inner(self, cls: type) -> Sequence[object]:
        """None: what it retains has not been looked at."""
        return ()

    def centre(self) -> type | None:
        """None: what it retains has not been looked at."""
        return None


def chain_to(graph: HeapGraph, position: int) -> list[object]:
    """The objects of the path to a position, the root's target first."""
    chain = []
    while position >= 0:
        chain.append(graph.object_at(position))
        position = graph.parent_of(position)
    chain.reverse()
    return chain


MOST_OBJECTS = 20_000
"""Larger groups are named after their outermost object: looking at each takes its time."""
LEAST_REFERRERS = 4
"""So many others have to refer to the centre: of two that hold each other neither is one."""

Holders = Mapping[int, list[int]]


def centre_of(graph: HeapGraph, owner: int, inside: range) -> int | None:
    """Position of the object that most of a group refer to.

    Objects that hold each other have no owner among them: whichever of them a container happens to
    name is the outermost. A figure of matplotlib is registered by its window manager, which holds
    the canvas, which holds the figure, which holds both; yet artists, axes and canvas all refer to
    the figure, and so does whoever has the leak.

    Args:
        graph: after the group was entered.
        owner: position of its outermost object.
        inside: positions of what only the owner keeps alive.

    Returns:
        The position of the object that holds the owner, if by detours, and to which more than
        half of the others that do so refer; None where there is none, and where it is the
        owner itself or one of many of its type.
    """
    if len(inside) > MOST_OBJECTS:
        return None
    holders = holders_of(graph, owner, inside)
    ring = {at for at in above(holders, owner) if has_a_name(type(graph.object_at(at)))}
    if len(ring) <= LEAST_REFERRERS:
        return None
    referrers = {at: named_holders(graph, holders, at) & ring - {at} for at in ring}
    centre = max(ring, key=lambda at: (len(referrers[at]), -at))
    most = len(referrers[centre])
    if centre == owner or most < LEAST_REFERRERS or most * 2 <= len(ring) - 1:
        return None
    return centre if is_only_one(graph, centre, inside) else None


def holders_of(graph: HeapGraph, owner: int, inside: range) -> dict[int, list[int]]:
    """For each position of the group, those that refer to it."""
    holders: dict[int, list[int]] = {at: [] for at in (owner, *inside)}
    for holder in (owner, *inside):
        for child in get_referents(graph.object_at(holder)):
            found = graph.position_of(child)
            if found in holders:
                holders[found].append(holder)
    return holders


def above(holders: Holders, start: int) -> set[int]:
    """Everything that leads to a position, itself included."""
    found, queue = {start}, [start]
    for position in queue:
        queue += (new := set(holders[position]) - found)
        found |= new
    return found


def named_holders(graph: HeapGraph, holders: Holders, position: int) -> set[int]:
    """The objects that refer to a position themselves or by their `__dict__`."""
    return set(lifted(graph, holders, holders[position]))


def lifted(graph: HeapGraph, holders: Holders, positions: Iterable[int]) -> Iterator[int]:
    """The positions, but for a dict that one object holds that object."""
    for position in positions:
        of_dict = holders[position] if is_exactly(graph.object_at(position), DICTS) else []
        yield of_dict[0] if len(of_dict) == 1 else position


def is_only_one(graph: HeapGraph, position: int, inside: range) -> bool:
    """Whether no other object of the group has the same type."""
    wanted = type(graph.object_at(position))
    return sum(type(graph.object_at(at)) is wanted for at in inside) == 1
