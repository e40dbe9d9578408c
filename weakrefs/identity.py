"""Entries that are found by identity: no `__eq__` and no `__hash__` of anyone is ever called."""

from collections.abc import Callable
from typing import Any, Generic, TypeVar

from weakrefs._primitives import _remove_dead_weakref, ref
from weakrefs.weakrefable import check

__all__ = ["IdEntry", "id_entry", "living_entry", "remover"]

K = TypeVar("K")
V = TypeVar("V")


class IdEntry(ref[K], Generic[K, V]):
    """A reference to a key that remembers its `id`, and the value kept for it."""

    __slots__ = ("key_id", "value")
    key_id: int
    value: V


def id_entry(
    key: K, value: V, callback: Callable[[Any], object], _new: Callable[..., Any] = ref.__new__
) -> IdEntry[K, V]:
    """Return an entry that holds `value` for `key`.

    Raises:
        TypeError: `key` cannot be weakly referenced; the message names the remedy.
    """
    try:
        entry: IdEntry[K, V] = _new(IdEntry, key, callback)
    except TypeError:
        check(key)
        raise
    entry.key_id = id(key)
    entry.value = value
    return entry


def living_entry(data: dict[int, IdEntry[K, V]], key: object) -> IdEntry[K, V] | None:
    """Return the entry of `key` in `data`, or None.

    The id alone is no proof: a resurrected object lives on without its entry, and a dead one may
    have left its address to `key` just before its callback came.
    """
    entry = data.get(id(key))
    return entry if entry is not None and entry() is key else None


def remover(container: Any) -> Callable[[IdEntry[Any, Any]], None]:
    """Return the callback that takes dead entries out of ``container.data``, by one atomic step."""

    # Defaults in place of a closure: faster, and no cycle of container, callback and entries.
    def remove(
        entry: IdEntry[Any, Any],
        container_ref: ref[Any] = ref(container),
        remove_if_dead: Callable[[Any, Any], None] = _remove_dead_weakref,
    ) -> None:
        container = container_ref()
        if container is not None:
            remove_if_dead(container.data, entry.key_id)

    return remove
