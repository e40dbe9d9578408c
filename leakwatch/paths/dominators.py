"""Exact retained sizes: what each survivor alone keeps alive, in whatever order they were found.

The walk credits what several survivors share to the first of them. Here an object counts for
the innermost survivor that dominates it: every way from a root to the object leads through
that survivor. What no single one dominates is nobody's. The dominators are found after Cooper,
Harvey and Kennedy, "A Simple, Fast Dominance Algorithm" (2001).
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from leakwatch.heap.graph import HeapGraph
from leakwatch.heap.objects import ATOMS
from leakwatch.interpreter import get_referents
from leakwatch.paths.question import Trace

TOP = -1
"""Stands for all roots, above every survivor that they reach."""

SizeAt = Callable[[int], int]
"""Bytes of the object at a position."""


@dataclass(frozen=True, slots=True)
class Shares:
    """Bytes by what dominates them.

    Attributes:
        own: for the position of each survivor, what it alone keeps alive, itself included.
        shared: what several survivors hold and none of them alone.
    """

    own: dict[int, int]
    shared: int


def exact(
    traces: Sequence[Trace], graph: HeapGraph, first: int, size_at: SizeAt
) -> tuple[list[Trace], int]:
    """The traces with exact retained sizes; and the bytes that are nobody's alone.

    Args:
        traces: of the survivors that the walk reached.
        graph: after phase two.
        first: what was reached from this position on, only survivors hold.
        size_at: sizes.
    """
    positions = [graph.position_of(trace.survivor) for trace in traces]
    survivors = [position for position in positions if position is not None]
    below = Region(graph, survivors, first)
    shares = shares_of(dominators(below), survivors, size_at)
    sizes = [shares.own.get(-1 if at is None else at, 0) for at in positions]
    return [
        replace(trace, retained=size) for trace, size in zip(traces, sizes, strict=True)
    ], shares.shared


class Region:
    """The survivors and all that only they hold, as a graph with one entry, `TOP`."""

    __slots__ = ("_entries", "_first", "_graph")

    def __init__(self, graph: HeapGraph, survivors: Sequence[int], first: int) -> None:
        self._graph = graph
        self._first = first
        self._entries = [position for position in survivors if position < first]

    def below(self, position: int) -> Iterator[int]:
        """The positions that the object at a position refers to; each perhaps several times."""
        if position == TOP:
            yield from self._entries
            return
        for child in get_referents(self._graph.object_at(position)):
            if id(type(child)) not in ATOMS:
                found = self._graph.position_of(child)
                if found is not None and found >= self._first:
                    yield found


def dominators(region: Region) -> dict[int, int]:
    """The immediate dominator of every position, in an order in which it comes before."""
    order = reverse_postorder(region)
    rank = {position: index for index, position in enumerate(order)}
    above: dict[int, list[int]] = {position: [] for position in order}
    for position in order:
        for child in region.below(position):
            above[child].append(position)
    nearest = {TOP: TOP}
    changed = True
    while changed:
        changed = False
        for position in order[1:]:
            known = [holder for holder in above[position] if holder in nearest]
            found = known[0]
            for holder in known[1:]:
                found = common(found, holder, nearest, rank)
            if nearest.get(position) != found:
                nearest[position] = found
                changed = True
    return {position: nearest[position] for position in order}


def reverse_postorder(region: Region) -> list[int]:
    """Every position, each before all that is reached through it alone."""
    seen = {TOP}
    order: list[int] = []
    path = [(TOP, region.below(TOP))]
    while path:
        position, children = path[-1]
        for child in children:
            if child not in seen:
                seen.add(child)
                path.append((child, region.below(child)))
                break
        else:
            order.append(position)
            path.pop()
    order.reverse()
    return order


def common(one: int, other: int, nearest: dict[int, int], rank: dict[int, int]) -> int:
    """The innermost position that dominates both."""
    while one != other:
        while rank[one] > rank[other]:
            one = nearest[one]
        while rank[other] > rank[one]:
            other = nearest[other]
    return one


def shares_of(nearest: dict[int, int], survivors: Sequence[int], size_at: SizeAt) -> Shares:
    """Add up what each survivor dominates and no survivor within it."""
    owners = {position: position for position in survivors}
    own = dict.fromkeys(survivors, 0)
    shared = 0
    for position, dominator in nearest.items():
        if position == TOP:
            continue
        owner = owners.setdefault(position, owners.get(dominator, TOP))
        if owner == TOP:
            shared += size_at(position)
        else:
            own[owner] += size_at(position)
    return Shares(own, shared)
