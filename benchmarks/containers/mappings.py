"""Every operation of the two weak dictionaries."""

from collections.abc import Callable, Iterator
from operator import eq, or_
from typing import Any, NamedTuple

from benchmarks.containers.filled import COMMON_WORK, Filled, each
from benchmarks.containers.measuring import SHORT, SIZE, Case, Thing

__all__ = ["cases"]


class Equal(Thing):
    """A key with an `__eq__` of its own."""

    def __init__(self, number: int) -> None:
        self.number = number

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Equal) and self.number == other.number

    def __hash__(self) -> int:
        return hash(self.number)


def _by_value(kind: Any) -> Filled:
    keys = [f"key{n}" for n in range(SIZE)]
    values = [Thing() for _ in keys]
    others = [f"other{n}" for n in range(SIZE)]
    mapping = kind.WeakValueDictionary(zip(keys, values, strict=True))
    return Filled(mapping, keys, values, others)


def _by_key(kind: Any) -> Filled:
    return _filled_with(kind, [Thing() for _ in range(SIZE)], [Thing() for _ in range(SIZE)])


def _by_equal_key(kind: Any) -> Filled:
    keys, others = map(Equal, range(SIZE)), map(Equal, range(SIZE, 2 * SIZE))
    return _filled_with(kind, list(keys), list(others))


def _filled_with(kind: Any, keys: list[Any], others: list[Any]) -> Filled:
    values = [Thing() for _ in keys]
    mapping = kind.WeakKeyDictionary(zip(keys, values, strict=True))
    return Filled(mapping, keys, values, others)


def _getitem(filled: Filled) -> None:
    container = filled.container
    for key in filled.keys:
        container[key]


def _get_hit(filled: Filled) -> None:
    container = filled.container
    for key in filled.keys:
        container.get(key)


def _get_miss(filled: Filled) -> None:
    container = filled.container
    for key in filled.others:
        container.get(key)


def _set_again(filled: Filled) -> None:
    container = filled.container
    for key, value in zip(filled.keys, filled.values, strict=True):
        container[key] = value


def _set_new(filled: Filled) -> None:
    container = filled.container
    for key, value in zip(filled.others, filled.values, strict=True):
        container[key] = value


def _setdefault_hit(filled: Filled) -> None:
    container = filled.container
    for key, value in zip(filled.keys, filled.values, strict=True):
        container.setdefault(key, value)


def _setdefault_new(filled: Filled) -> None:
    container = filled.container
    for key, value in zip(filled.others, filled.values, strict=True):
        container.setdefault(key, value)


def _del(filled: Filled) -> None:
    container = filled.container
    for key in filled.keys:
        del container[key]


def _popitem(filled: Filled) -> None:
    container = filled.container
    for _ in filled.keys:
        container.popitem()


def _values(filled: Filled) -> None:
    for _ in filled.container.values():
        pass


def _items(filled: Filled) -> None:
    for _ in filled.container.items():
        pass


def _list_items(filled: Filled) -> None:
    list(filled.container.items())


_WORK = {
    "getitem": _getitem,
    "get hit": _get_hit,
    "get miss": _get_miss,
    "set same key": _set_again,
    "insert new": _set_new,
    "setdefault hit": _setdefault_hit,
    "setdefault new": _setdefault_new,
    "del": _del,
    "pop": each("pop"),
    "popitem": _popitem,
    "values": _values,
    "items": _items,
    "list(items)": _list_items,
    **COMMON_WORK,
}


class Joined(NamedTuple):
    """A filled container, a dict of what is in it, and one of what is not."""

    container: Any
    same: dict[Any, Any]
    more: dict[Any, Any]


def _joined(prepare: Callable[[Any], Filled]) -> Callable[[Any], Joined]:
    def join(kind: Any) -> Joined:
        container, keys, values, others = prepare(kind)
        same = dict(zip(keys, values, strict=True))
        return Joined(container, same, dict(zip(others, values, strict=True)))

    return join


def _update(joined: Joined) -> None:
    joined.container.update(joined.more)


def _or(joined: Joined) -> None:
    or_(joined.container, joined.more)


def _equal(joined: Joined) -> None:
    eq(joined.container, joined.same)


_JOINED_WORK = {"update": _update, "|": _or, "==": _equal}


def _valuerefs(filled: Filled) -> None:
    filled.container.valuerefs()


def _keyrefs(filled: Filled) -> None:
    filled.container.keyrefs()


def cases() -> Iterator[Case]:
    """Yield every operation on each dictionary."""
    for name, prepare in {"WeakValueDictionary": _by_value, "WeakKeyDictionary": _by_key}.items():
        for operation, work in _WORK.items():
            yield Case(f"{name} {operation}", prepare, work)
        for operation, joined_work in _JOINED_WORK.items():
            yield Case(f"{name} {operation}", _joined(prepare), joined_work)
    yield Case("WeakValueDictionary valuerefs", _by_value, _valuerefs, rounds=SHORT)
    yield Case("WeakKeyDictionary keyrefs", _by_key, _keyrefs, rounds=SHORT)
    yield Case("WeakKeyDictionary getitem by __eq__", _by_equal_key, _getitem)
    yield Case("WeakKeyDictionary set same key by __eq__", _by_equal_key, _set_again)
