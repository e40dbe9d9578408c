"""How much of the heap is explained."""

from collections.abc import Set as AbstractSet
from types import FrameType, FunctionType, GeneratorType, MethodType
from typing import Any

from leakwatch.heap.fields import module_name, self_of
from leakwatch.heap.graph import HeapGraph, census
from leakwatch.heap.provenance import is_own_frame, is_own_function, is_own_module
from leakwatch.interpreter import get_referents
from weakrefs import ReferenceType


def explained_share(graph: HeapGraph, tracked: list[object], left: list[object]) -> float:
    """Share of the objects known to the collector that some named root reaches.

    Weak references without a callback are left out, for they hold nothing, and so is what
    leakwatch has made for this analysis.

    Args:
        graph: the walk.
        tracked: the objects known to the collector.
        left: those of them that the search for roots did not reach; not what survivors hold.
    """
    by_type = census(tracked)
    # A type is asked once: thousands of objects may be left.
    counted = {id(cls): number for cls, number in by_type if counts(cls)}
    total = sum(counted.values())
    missing = [found for found in graph.unreached(left) if id(type(found)) in counted]
    ours = count_of_ours(missing)
    unreached, total = len(missing) - ours, total - ours
    missing.clear()
    return 1 - unreached / total if total else 1.0


def counts(cls: type) -> bool:
    """Whether objects of a type belong into the share: ours and plain weakrefs do not."""
    return cls is not ReferenceType and not is_own_module(module_name(cls))


def count_of_ours(missing: list[object]) -> int:
    """How many of some objects leakwatch has made for this analysis.

    Those are our running functions and our closures, what only such hold in turn, and the
    lists of them.
    """
    left = set(map(id, missing))
    queue = [found for found in missing if is_ours(found)]
    left.difference_update(map(id, queue))
    for holder in queue:
        for child in get_referents(holder):
            if id(child) in left:
                left.discard(id(child))
                queue.append(child)
    ours = set(map(id, queue))
    lists = [found for found in missing if id(found) in left and type(found) is list]
    left.difference_update(id(found) for found in lists if is_list_of(found, ours))
    return len(missing) - len(left)


def is_ours(found: Any) -> bool:
    """Whether an object is a function, a bound method, a frame or a generator of ours."""
    kind = type(found)
    if kind is MethodType:
        return is_own_module(module_name(type(self_of(found))))
    if kind is GeneratorType:
        return found.gi_frame is not None and is_own_frame(found.gi_frame)
    if kind is FrameType:
        return is_own_frame(found)
    return kind is FunctionType and is_own_function(found)


def is_list_of(found: Any, wanted: AbstractSet[int]) -> bool:
    """Whether a list has entries, and each is one of some objects, given by id."""
    return bool(found) and all(id(entry) in wanted for entry in found)
