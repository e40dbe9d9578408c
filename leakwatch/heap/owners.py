"""Which of many survivors to report when everything born in a scope is judged.

Plumbing (`leakwatch.heap.plumbing`) is passed through on the way to something with a name
of its own. Only where nothing with a name hangs below it, a list of strings say, is the
plumbing itself the survivor to report, and then only its outermost part.
"""

from collections.abc import Iterable

from leakwatch.heap.plumbing import is_plumbing
from leakwatch.heap.walk import HeapGraph


def with_a_name(survivors: Iterable[object]) -> list[object]:
    """The survivors that are not plumbing."""
    return [survivor for survivor in survivors if not is_plumbing(type(survivor))]


def barren(graph: HeapGraph, survivors: Iterable[object], named: Iterable[int]) -> list[int]:
    """Positions of the outermost plumbing survivors that lead to nothing with a name.

    Args:
        graph: after phase one, before any survivor has been entered.
        survivors: everything that was born.
        named: positions of the survivors with a name.

    Returns:
        positions in the order of discovery.
    """
    plumbing = set()
    for survivor in survivors:
        position = graph.position_of(survivor)
        if position is not None and is_plumbing(type(survivor)):
            plumbing.add(position)
    fertile = set()
    for position in named:
        holder = graph.parent_of(position)
        while holder in plumbing and holder not in fertile:
            fertile.add(holder)
            holder = graph.parent_of(holder)
    left = plumbing - fertile
    return sorted(position for position in left if graph.parent_of(position) not in left)
