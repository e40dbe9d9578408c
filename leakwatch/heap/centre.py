"""The object that a group of survivors belongs to, where its outermost one is an accident.

Objects that hold each other have no owner among them: whichever of them a container happens
to name is the outermost. A figure of matplotlib is registered by its window manager, which
holds the canvas, which holds the figure, which holds both; yet artists, axes and canvas all
refer to the figure, and so does whoever has the leak.
"""

from collections.abc import Iterable, Iterator, Mapping

from leakwatch.heap.company import has_a_name
from leakwatch.heap.objects import is_exactly
from leakwatch.heap.plumbing import DICTS
from leakwatch.heap.walk import HeapGraph
from leakwatch.interpreter import get_referents

MOST_OBJECTS = 20_000
"""Larger groups are told by their outermost object: looking at each takes its time."""
LEAST_REFERRERS = 4
"""So many others have to refer to the centre: of two that hold each other neither is one."""

Holders = Mapping[int, list[int]]


def centre_of(graph: HeapGraph, owner: int, inside: range) -> int | None:
    """Position of the object that most of a group refer to.

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
