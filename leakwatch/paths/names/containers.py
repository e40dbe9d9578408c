"""Names of references held by containers: `['u42']`, `[3]`, a member of a set."""

from collections import deque
from collections.abc import Callable, Iterable, Sequence
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


def _in_sequence(holder: Any, child: object) -> Named | None:
    for index, item in enumerate(_items(holder)):
        if item is child:
            return Named(f"[{index}]", ANY_KEY)
    return None


def _items(holder: Any) -> Iterable[object]:
    for base in (list, tuple, deque):
        if inherits(type(holder), base):
            return list(base.__iter__(holder))
    return ()


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
