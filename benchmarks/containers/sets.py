"""Every operation of `WeakSet`."""

from collections.abc import Callable, Iterator
from operator import methodcaller
from typing import Any, NamedTuple

from benchmarks.containers.filled import COMMON_WORK, Filled, each
from benchmarks.containers.measuring import SHORT, SIZE, Case, Thing

__all__ = ["cases"]


def _elements(kind: Any) -> Filled:
    items = [Thing() for _ in range(SIZE)]
    others = [Thing() for _ in range(SIZE)]
    return Filled(kind.WeakSet(items), items, items, others)


def _add_again(filled: Filled) -> None:
    container = filled.container
    for item in filled.keys:
        container.add(item)


def _add_new(filled: Filled) -> None:
    container = filled.container
    for item in filled.others:
        container.add(item)


def _discard(filled: Filled) -> None:
    container = filled.container
    for item in filled.keys:
        container.discard(item)


def _pop(filled: Filled) -> None:
    container = filled.container
    for _ in filled.keys:
        container.pop()


def _update(filled: Filled) -> None:
    filled.container.update(filled.others)


_WORK = {
    "add again": _add_again,
    "add new": _add_new,
    "discard": _discard,
    "remove": each("remove"),
    "pop": _pop,
    "update": _update,
    **{operation: work for operation, work in COMMON_WORK.items() if operation != "clear"},
}


class TwoSets(NamedTuple):
    """Two sets, and what keeps their elements."""

    left: Any
    right: Any
    keep: list[Thing]


def _overlapping(kind: Any) -> TwoSets:
    items = [Thing() for _ in range(SIZE + SIZE // 2)]
    return TwoSets(kind.WeakSet(items[:SIZE]), kind.WeakSet(items[SIZE // 2 :]), items)


def _disjoint(kind: Any) -> TwoSets:
    items = [Thing() for _ in range(2 * SIZE)]
    return TwoSets(kind.WeakSet(items[:SIZE]), kind.WeakSet(items[SIZE:]), items)


def _same(kind: Any) -> TwoSets:
    items = [Thing() for _ in range(SIZE)]
    return TwoSets(kind.WeakSet(items), kind.WeakSet(items), items)


_COMBINING = [
    "union",
    "intersection",
    "difference",
    "symmetric_difference",
    "intersection_update",
    "difference_update",
    "symmetric_difference_update",
]
_COMPARING = ["issubset", "issuperset", "__lt__", "__gt__", "__eq__"]


def _call(name: str) -> Callable[[TwoSets], None]:
    def work(sets: TwoSets) -> None:
        methodcaller(name, sets.right)(sets.left)

    return work


def cases() -> Iterator[Case]:
    """Yield every operation of a set."""
    for operation, work in _WORK.items():
        yield Case(f"WeakSet {operation}", _elements, work)
    yield Case("WeakSet clear", _elements, COMMON_WORK["clear"], rounds=SHORT)
    for name in _COMBINING:
        yield Case(f"WeakSet {name}", _overlapping, _call(name))
    yield Case("WeakSet isdisjoint", _disjoint, _call("isdisjoint"))
    for name in _COMPARING:
        yield Case(f"WeakSet {name}", _same, _call(name))
