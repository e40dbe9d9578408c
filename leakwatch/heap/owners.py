"""Which of many survivors to report when everything born in a scope is judged.

Plumbing (`leakwatch.heap.plumbing`) is passed through on the way to something with a name
of its own. Only where nothing with a name hangs below it, a list of strings say, is the
plumbing itself the survivor to report, and then only its outermost part.
"""

from collections.abc import Iterable, Iterator

from leakwatch.heap.objects import inherits, is_exactly
from leakwatch.heap.plumbing import CONTAINERS, DICTS, is_machinery, is_plumbing
from leakwatch.heap.walk import HeapGraph
from weakrefs import ReferenceType


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
        positions in the order of discovery. What hangs from the same object as a survivor
        with a name is left out, unless that object was there before and is a container,
        whose entries are separate matters: a stored exception's frames are no leak beside
        its `Session`, nor is the result that a cache keeps for a `Session`.
    """
    plumbing = set()
    for survivor in survivors:
        position = graph.position_of(survivor)
        if position is not None and is_plumbing(type(survivor)) and not refers_weakly(survivor):
            plumbing.add(position)
    named = set(named)
    fertile = {holder for position in named for holder in upwards(graph, position, plumbing)}
    told = {lasting_holder(graph, position, plumbing) for position in named}
    partners = {found for holder in told for found in paired(graph, holder, named | fertile)}
    outermost = [
        position
        for position in plumbing - fertile
        if graph.parent_of(position) not in plumbing and may_be_told(graph.object_at(position))
    ]
    separate = [
        position
        for position in outermost
        if position not in partners
        and (is_entry(graph, holder := graph.parent_of(position)) or holder not in told)
    ]
    wrapped = contents(graph, plumbing - fertile)
    return sorted(wrapped.get(position, position) for position in separate)


def contents(graph: HeapGraph, plumbing: set[int]) -> dict[int, int]:
    """For each tuple with one container in it, that container: the tuple is only its wrapper."""
    inside: dict[int, list[int]] = {}
    for position in plumbing:
        inside.setdefault(graph.parent_of(position), []).append(position)
    return {
        holder: found[0]
        for holder, found in inside.items()
        if holder in plumbing and len(found) == 1 and type(graph.object_at(holder)) is tuple
    }


def paired(graph: HeapGraph, holder: int, told: set[int]) -> Iterator[int]:
    """Positions of the keys and values of a dict whose partner is told of."""
    if holder < 0 or not is_exactly(graph.object_at(holder), DICTS):
        return
    entries: dict[object, object] = graph.object_at(holder)  # type: ignore[assignment]
    for entry in list(dict.items(entries)):
        key, value = map(graph.position_of, entry)
        if key in told and value is not None:
            yield value
        if value in told and key is not None:
            yield key


def may_be_told(survivor: object) -> bool:
    """Whether an unnamed survivor can be a leak: not machinery, nor a consequence of others."""
    return not is_machinery(type(survivor)) and not refers_weakly(survivor)


def refers_weakly(survivor: object) -> bool:
    """A weak reference to something alive: a consequence of that being alive."""
    if not inherits(type(survivor), ReferenceType):
        return False
    return ReferenceType.__call__(survivor) is not None  # type: ignore[arg-type]


def upwards(graph: HeapGraph, position: int, plumbing: set[int]) -> Iterator[int]:
    """The plumbing that a position hangs from, nearest first."""
    holder = graph.parent_of(position)
    while holder in plumbing:
        yield holder
        holder = graph.parent_of(holder)


def lasting_holder(graph: HeapGraph, position: int, plumbing: set[int]) -> int:
    """The first holder above a position that was there before."""
    holder = graph.parent_of(position)
    while holder in plumbing:
        holder = graph.parent_of(holder)
    return holder


def is_entry(graph: HeapGraph, holder: int) -> bool:
    """Whether a holder is a container, or a root itself."""
    return holder < 0 or is_exactly(graph.object_at(holder), CONTAINERS)
