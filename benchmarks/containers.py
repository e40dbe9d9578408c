"""Every container operation of `weakrefs` beside the standard library and a plain container.

All three run turn about in one process, so that a ratio compares like with like. Times are the
best of several rounds, in nanoseconds per element.
"""

import gc
import time
import weakref
from collections.abc import Callable, Iterator
from operator import methodcaller
from typing import Any, NamedTuple

import weakrefs

__all__ = ["run"]

SIZE = 1000
ROUNDS = 15
DEATHS = 100_000


class Thing:
    """What is referred to: ordinary, compared by identity."""

    def method(self) -> None:
        """Do nothing."""


class Case(NamedTuple):
    """One operation: how to prepare it, and what is measured, on each kind of container.

    `prepare` takes a namespace (`weakrefs`, `weakref` or `PLAIN`) and returns the state that
    `work` is called with; `elements` is how many operations that is.
    """

    operation: str
    prepare: Callable[[Any], Any]
    work: Callable[[Any], Any]
    elements: int = SIZE
    rounds: int = ROUNDS


class Plain:
    """The strong twin of each weak container."""

    WeakValueDictionary = WeakKeyDictionary = dict
    WeakSet = set


def run() -> list[dict[str, Any]]:
    """Measure every operation.

    Returns:
        Rows with `operation`, `ours_ns`, `stdlib_ns`, `plain_ns` (None where nothing plain
        compares) and `ratio`: how many times faster ours is than the standard library.
    """
    return [_row(case) for case in _cases()]


def _row(case: Case) -> dict[str, Any]:
    ours, standard, plain = _best(case)
    return {
        "operation": case.operation,
        "ours_ns": round(ours, 1),
        "stdlib_ns": round(standard, 1),
        "plain_ns": None if plain is None else round(plain, 1),
        "ratio": round(standard / ours, 2),
    }


def _best(case: Case) -> tuple[float, float, float | None]:
    kinds = [weakrefs, weakref, Plain]
    best = [float("inf")] * 3
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        for _ in range(case.rounds):
            for n, kind in enumerate(kinds):
                best[n] = min(best[n], _time(case, kind))
    finally:
        if was_enabled:
            gc.enable()
    ours, standard, plain = (seconds / case.elements * 1e9 for seconds in best)
    return ours, standard, None if plain == float("inf") else plain


def _time(case: Case, kind: Any) -> float:
    try:
        state = case.prepare(kind)
    except AttributeError:  # the plain twin does not have it
        return float("inf")
    start = time.perf_counter()
    case.work(state)
    return time.perf_counter() - start


# ---- what is measured ------------------------------------------------------------------------


class Filled(NamedTuple):
    """A container of `SIZE` entries, what is in it, and what is not."""

    container: Any
    keys: list[Any]
    values: list[Any]
    others: list[Any]


def _values(kind: Any) -> Filled:
    keys = [f"key{n}" for n in range(SIZE)]
    values = [Thing() for _ in keys]
    others = [f"other{n}" for n in range(SIZE)]
    mapping = kind.WeakValueDictionary(zip(keys, values, strict=True))
    return Filled(mapping, keys, values, others)


def _keys(kind: Any) -> Filled:
    keys = [Thing() for _ in range(SIZE)]
    values = [Thing() for _ in keys]
    others = [Thing() for _ in range(SIZE)]
    mapping = kind.WeakKeyDictionary(zip(keys, values, strict=True))
    return Filled(mapping, keys, values, others)


def _elements(kind: Any) -> Filled:
    items = [Thing() for _ in range(SIZE)]
    others = [Thing() for _ in range(SIZE)]
    return Filled(kind.WeakSet(items), items, items, others)


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


def _in_hit(filled: Filled) -> None:
    container = filled.container
    for key in filled.keys:
        key in container  # noqa: B015  # only its time matters


def _in_miss(filled: Filled) -> None:
    container = filled.container
    for key in filled.others:
        key in container  # noqa: B015  # only its time matters


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


def _pop(filled: Filled) -> None:
    container = filled.container
    for key in filled.keys:
        container.pop(key)


def _popitem(filled: Filled) -> None:
    container = filled.container
    for _ in filled.keys:
        container.popitem()


def _iterate(filled: Filled) -> None:
    for _ in filled.container:
        pass


def _iterate_values(filled: Filled) -> None:
    for _ in filled.container.values():
        pass


def _iterate_items(filled: Filled) -> None:
    for _ in filled.container.items():
        pass


def _list_items(filled: Filled) -> None:
    list(filled.container.items())


def _len(filled: Filled) -> None:
    container = filled.container
    for _ in filled.keys:
        len(container)


def _update(filled: Filled) -> None:
    filled.container.update(dict(zip(filled.others, filled.values, strict=True)))


def _copy(filled: Filled) -> None:
    filled.container.copy()


def _clear(filled: Filled) -> None:
    filled.container.clear()


def _die(filled: Filled) -> None:
    filled.others.clear()
    filled.values.clear()
    filled.keys.clear()


MAPPING_WORK = {
    "getitem": _getitem,
    "get hit": _get_hit,
    "get miss": _get_miss,
    "in hit": _in_hit,
    "in miss": _in_miss,
    "set same key": _set_again,
    "insert new": _set_new,
    "setdefault hit": _setdefault_hit,
    "setdefault new": _setdefault_new,
    "del": _del,
    "pop": _pop,
    "popitem": _popitem,
    "iterate": _iterate,
    "values": _iterate_values,
    "items": _iterate_items,
    "list(items)": _list_items,
    "len": _len,
    "update": _update,
    "copy": _copy,
    "clear": _clear,
    "referents die": _die,
}


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


class TwoSets(NamedTuple):
    """Two sets that share half of their elements."""

    left: Any
    right: Any
    keep: list[Thing]


def _two_sets(kind: Any) -> TwoSets:
    items = [Thing() for _ in range(SIZE + SIZE // 2)]
    return TwoSets(kind.WeakSet(items[:SIZE]), kind.WeakSet(items[SIZE // 2 :]), items)


def _disjoint_sets(kind: Any) -> TwoSets:
    items = [Thing() for _ in range(2 * SIZE)]
    return TwoSets(kind.WeakSet(items[:SIZE]), kind.WeakSet(items[SIZE:]), items)


def _set_and_its_copy(kind: Any) -> TwoSets:
    items = [Thing() for _ in range(SIZE)]
    return TwoSets(kind.WeakSet(items), kind.WeakSet(items), items)


SET_WORK = {
    "in hit": _in_hit,
    "in miss": _in_miss,
    "add again": _add_again,
    "add new": _add_new,
    "discard": _discard,
    "iterate": _iterate,
    "len": _len,
    "copy": _copy,
    "clear": _clear,
    "referents die": _die,
}
TWO_SETS_WORK = ["union", "intersection", "difference", "symmetric_difference"]
SAME_SETS_WORK = ["issubset", "issuperset", "__eq__"]


def _cases() -> Iterator[Case]:
    for name, work in MAPPING_WORK.items():
        yield Case(f"WeakValueDictionary {name}", _values, work)
    for name, work in MAPPING_WORK.items():
        yield Case(f"WeakKeyDictionary {name}", _keys, work)
    for name, work in SET_WORK.items():
        yield Case(f"WeakSet {name}", _elements, work)
    for name in TWO_SETS_WORK:
        yield Case(f"WeakSet {name}", _two_sets, _call(name))
    yield Case("WeakSet isdisjoint", _disjoint_sets, _call("isdisjoint"))
    for name in SAME_SETS_WORK:
        yield Case(f"WeakSet {name}", _set_and_its_copy, _call(name))
    yield from _reference_cases()
    yield from _mass_deaths()


def _call(name: str) -> Callable[[TwoSets], None]:
    def work(sets: TwoSets) -> None:
        methodcaller(name, sets.right)(sets.left)

    return work


# ---- methods, finalizers, mass death -----------------------------------------------------------


def _things(kind: Any) -> tuple[Any, list[Thing]]:
    kind.WeakMethod  # noqa: B018  # there is no plain twin
    return kind, [Thing() for _ in range(SIZE)]


def _weak_methods(kind: Any) -> tuple[list[Any], list[Thing]]:
    things = [Thing() for _ in range(SIZE)]
    return [kind.WeakMethod(thing.method) for thing in things], things


def _make_methods(state: tuple[Any, list[Thing]]) -> list[Any]:
    weak_method = state[0].WeakMethod
    return [weak_method(thing.method) for thing in state[1]]


def _call_methods(state: tuple[list[Any], list[Thing]]) -> None:
    for method in state[0]:
        method()()


def _twin_methods(kind: Any) -> tuple[list[Any], list[Any], list[Thing]]:
    methods, things = _weak_methods(kind)
    return methods, [kind.WeakMethod(thing.method) for thing in things], things


def _compare_methods(state: tuple[list[Any], list[Any], list[Thing]]) -> None:
    for method, twin in zip(state[0], state[1], strict=True):
        method == twin  # noqa: B015  # only its time matters


def _nothing() -> None:
    pass


def _finalize_and_detach(state: tuple[Any, list[Thing]]) -> None:
    finalize = state[0].finalize
    for thing in state[1]:
        finalize(thing, _nothing).detach()


def _finalize_and_die(state: tuple[Any, list[Thing]]) -> None:
    finalize, things = state[0].finalize, state[1]
    while things:
        finalize(things.pop(), _nothing)


def _reference_cases() -> Iterator[Case]:
    yield Case("WeakMethod create", _things, _make_methods)
    yield Case("WeakMethod call", _weak_methods, _call_methods)
    yield Case("WeakMethod ==", _twin_methods, _compare_methods)
    yield Case("finalize create and detach", _things, _finalize_and_detach)
    yield Case("finalize create and die", _things, _finalize_and_die)


def _many_values(kind: Any) -> tuple[Any, list[Thing]]:
    things = [Thing() for _ in range(DEATHS)]
    return kind.WeakValueDictionary(enumerate(things)), things


def _many_keys(kind: Any) -> tuple[Any, list[Thing]]:
    things = [Thing() for _ in range(DEATHS)]
    return kind.WeakKeyDictionary((thing, None) for thing in things), things


def _many_elements(kind: Any) -> tuple[Any, list[Thing]]:
    things = [Thing() for _ in range(DEATHS)]
    return kind.WeakSet(things), things


def _many_finalizers(kind: Any) -> tuple[Any, list[Thing]]:
    things = [Thing() for _ in range(DEATHS)]
    return [kind.finalize(thing, _nothing) for thing in things], things


def _all_die(state: tuple[Any, list[Thing]]) -> None:
    state[1].clear()


def _mass_deaths() -> Iterator[Case]:
    for name, prepare in {
        "WeakValueDictionary": _many_values,
        "WeakKeyDictionary": _many_keys,
        "WeakSet": _many_elements,
        "finalize": _many_finalizers,
    }.items():
        yield Case(f"{name} {DEATHS:,} deaths", prepare, _all_die, DEATHS, rounds=3)
