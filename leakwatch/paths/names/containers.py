"""Names of references held by containers: `['u42']`, `[3]`, a member of a set."""

from collections import deque
from collections.abc import Callable, Sequence
from types import MappingProxyType
from typing import Any

from leakwatch.heap.fields import MAPPINGS, entries
from leakwatch.heap.keys import key_text
from leakwatch.heap.objects import identities, inherits, mro, type_name
from leakwatch.paths.names.name import Named

ANY_KEY = "[*]"
ENTRY = Named("{member}")


def name_container(path: Sequence[object]) -> Named | None:
    """The reference from a container, or from an instance of a subclass of one."""
    holder, child = path[0], path[1]
    for base in mro(type(holder)):
        namer = NAMERS.get(id(base))
        if namer is not None:
            return namer(holder, child)
    return None


def name_queue(path: Sequence[object]) -> Named | None:
    """An item that waits in a `queue.SimpleQueue`, in which it lies in a list before 3.13."""
    if type_name(type(path[0])) != "_queue.SimpleQueue":
        return None
    return Named(".<queued item>", hops=2 if type(path[1]) is list and len(path) > 2 else 1)


def _in_mapping(holder: Any, child: object) -> Named | None:
    for key, value in entries(holder):
        if value is child:
            return Named(f"[{key_text(key)}]", ANY_KEY)
        if key is child:
            return Named(".<key>")
    return None


_found_last = (0, 0)
"""Id of the sequence in which something was found last, and its place."""


def _in_sequence(holder: Any, child: object) -> Named | None:
    global _found_last  # noqa: PLW0603 - no more than a guess, which is looked at
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


def _in_set(holder: Any, child: object) -> Named | None:
    for base in (set, frozenset):
        if inherits(type(holder), base):
            # No copy: that of a subclass is an instance of it, and may have a `__del__`.
            members = list(base.__iter__(holder))
            return ENTRY if any(item is child for item in members) else None
    return None


def _transparent(holder: Any, child: object) -> Named | None:
    return Named("", "")


Lookup = Callable[[Any, object], Named | None]
NAMERS: dict[int, Lookup] = {
    **dict.fromkeys(identities(MAPPINGS), _in_mapping),
    id(list): _in_sequence,
    id(tuple): _in_sequence,
    id(deque): _in_sequence,
    id(set): _in_set,
    id(frozenset): _in_set,
    id(MappingProxyType): _transparent,
}
"""By the id of a builtin base."""
