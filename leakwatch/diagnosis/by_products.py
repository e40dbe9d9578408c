"""What is kept only until another object goes, and is a by-product of that.

A weak mapping removes its entry, and a finalizer its record, by the callback of a weak reference.
An event loop has a timer for a task that sleeps, which it takes away when the task is cancelled.
Whoever cuts what holds the other object is rid of both.
"""

import sys
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any
from weakref import finalize

from leakwatch.heap.fields import c_field, entries, inherits
from leakwatch.heap.objects import is_exactly
from leakwatch.heap.structural_types import CONTAINERS, MAPPINGS
from leakwatch.heap.tasks import awaiters
from leakwatch.interpreter import get_referents, is_tracked
from leakwatch.paths.outermost import FINALIZERS
from leakwatch.paths.question import Trace
from weakrefs import ReferenceType


def goes_with(trace: Trace) -> tuple[object, int] | None:
    """What takes away what is on a path when it goes, if it is alive and not on the path.

    Returns:
        the object, and how many such there are at most: in an entry of a weak mapping there may
        be any number of survivors, all of which go with the one key.
    """
    chain = trace.route.to_survivor()
    ends = [
        (ReferenceType.__call__(reference), most)
        for reference, most in (*references_of_entries(chain), *references_of_records(chain))
    ]
    if trace.root.facts.is_event_loop:
        ends += [(task, sys.maxsize) for found in chain for task in awaiters(found)]
    here = set(map(id, (None, *chain)))
    return next((it for it in ends if id(it[0]) not in here), None)


def key_of_entry(chain: Sequence[object]) -> object | None:
    """The object under which a mapping has the end of a path, if it is one of the collector's.

    Args:
        chain: the objects of the path, the survivor last.
    """
    pairs = entries(chain[-2]) if len(chain) > 1 else []
    key = next((key for key, value in pairs if value is chain[-1]), None)
    return key if is_tracked(key) and not is_exactly(key, CONTAINERS) else None


def references_of_entries(chain: Sequence[object]) -> Iterator[tuple[Any, int]]:
    """The weak references with a callback that are the other half of an entry on the path.

    Each with the number of entries.
    """
    for holder, held in pairwise((*chain, None)):
        if not is_exactly(holder, MAPPINGS):
            continue
        # In a weak mapping all are such references: the first tells, and few are copied.
        first = next(iter(holder.items()), ())  # type: ignore[attr-defined]
        if any(map(calls_back, first)):
            pairs = entries(holder)
            pair = next((it for it in pairs if it[0] is held or it[1] is held), first)
            yield from ((it, len(pairs)) for it in pair if calls_back(it))


def references_of_records(chain: Sequence[object]) -> Iterator[tuple[Any, int]]:
    """The weak references of objects on the path that such a reference calls, or whose key it does.

    `multiprocessing.util.Finalize` is called itself; the record of a `weakref.finalize` is filed
    under what is called.
    """
    for found in chain:
        # No container calls or is a record; a namespace may have thousands of entries.
        held = () if is_exactly(found, CONTAINERS) else get_referents(found)
        for reference in filter(calls_back, held):
            callback = c_field(reference, ReferenceType, "__callback__")
            if callback is found or is_filed_under(found, callback):
                yield reference, sys.maxsize


def is_filed_under(record: object, key: object) -> bool:
    """Whether `weakref.finalize` has noted a record for a finalizer."""
    return type(key) is finalize and FINALIZERS.get(key) is record


def calls_back(found: object) -> bool:
    """Whether something is a weak reference with a callback."""
    is_reference = inherits(type(found), ReferenceType)
    return is_reference and c_field(found, ReferenceType, "__callback__") is not None
