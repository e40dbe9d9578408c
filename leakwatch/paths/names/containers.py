"""Names of references held by containers: `['u42']`, `[3]`, a member of a set."""

from collections import deque
from collections.abc import Sequence
from types import MappingProxyType
from typing import Any

from leakwatch.heap.fields import MAPPINGS, entries
from leakwatch.heap.keys import key_text
from leakwatch.heap.objects import identities, inherits, type_name
from leakwatch.paths.names.name import Named, Namer

ANY_KEY = "[*]"
ENTRY = Named("{member}")


def name_queue(path: Sequence[object]) -> Named | None:
    """An item that waits in a `queue.SimpleQueue`, in which it lies in a list before 3.13."""
    if type_name(type(path[0])) != "_queue.SimpleQueue":
        return None
    return Named(".<queued item>", hops=2 if type(path[1]) is list and len(path) > 2 else 1)


def in_mapping(path: Sequence[object]) -> Named | None:
    """An entry of a mapping, or its key."""
    child = path[1]
    for key, value in entries(path[0]):
        if value is child:
            return Named(f"[{key_text(key)}]", ANY_KEY)
        if key is child:
            return Named(".<key>")
    return None


_found_last = (0, 0)
"""Id of the sequence in which something was found last, and its place."""


def in_sequence(path: Sequence[object]) -> Named | None:
    """An item of a list, a tuple or a deque."""
    global _found_last  # noqa: PLW0603 - no more than a guess, which is looked at
    holder: Any = path[0]
    child = path[1]
    for base in (list, tuple, deque):
        if inherits(type(holder), base):
            place = _behind_the_last(holder, child, base)
            if place is None:
                # By their ids, in C: `index` of the list itself would ask for `__eq__`.
                ids = [*map(id, base.__iter__(holder))]
                if id(child) not in ids:
                    return None
                place = ids.index(id(child))
            _found_last = id(holder), place
            return Named(f"[{place}]", ANY_KEY)
    return None


def _behind_the_last(holder: Any, child: object, base: Any) -> int | None:
    """The place behind the last one found, if the child is there.

    Survivors are asked about in the order in which they were made, which mostly is that of a list:
    else each of thousands would have the whole list searched.
    """
    known, last = _found_last
    try:
        here = known == id(holder) and base.__getitem__(holder, last + 1) is child
    except IndexError:
        return None
    return last + 1 if here else None


def in_set(path: Sequence[object]) -> Named | None:
    """A member of a set."""
    holder: Any = path[0]
    child = path[1]
    for base in (set, frozenset):
        if inherits(type(holder), base):
            # No copy: that of a subclass is an instance of it, and may have a `__del__`.
            members = list(base.__iter__(holder))
            return ENTRY if any(item is child for item in members) else None
    return None


def behind_a_proxy(path: Sequence[object]) -> Named | None:
    """The dict behind a `MappingProxyType`, which has no name: its entries are the proxy's."""
    return Named("", "")


BY_TYPE: dict[int, Namer] = {
    **dict.fromkeys(identities(MAPPINGS), in_mapping),
    id(list): in_sequence,
    id(tuple): in_sequence,
    id(deque): in_sequence,
    id(set): in_set,
    id(frozenset): in_set,
    id(MappingProxyType): behind_a_proxy,
}
"""By the id of a builtin base."""
