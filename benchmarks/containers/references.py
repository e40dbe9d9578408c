"""`KeyedRef`, `WeakMethod` and `finalize`; and 100,000 deaths at once, of everything."""

from collections.abc import Iterator
from typing import Any

from benchmarks.containers.measuring import SIZE, Case, Thing

__all__ = ["cases"]

DEATHS = 100_000


def cases() -> Iterator[Case]:
    """Yield every operation of references that are more than the interpreter's own."""
    yield Case("KeyedRef create", _things, _make_keyed_refs)
    yield Case("WeakMethod create", _things, _make_methods)
    yield Case("WeakMethod call", _weak_methods, _call_methods)
    yield Case("WeakMethod ==", _twin_methods, _compare_methods)
    yield Case("WeakMethod hash", _weak_methods, _hash_methods)
    yield Case("finalize create and detach", _things, _finalize_and_detach)
    yield Case("finalize create and die", _things, _finalize_and_die)
    yield Case("finalize call", _finalizers, _call_finalizers)
    yield Case("finalize peek", _finalizers, _peek)
    yield Case("finalize alive", _finalizers, _alive)
    for name, prepare in _CROWDS.items():
        yield Case(f"{name} {DEATHS:,} deaths", prepare, _all_die, DEATHS, rounds=3)


def _things(kind: Any) -> tuple[Any, list[Thing]]:
    kind.WeakMethod  # noqa: B018  # there is no plain twin
    return kind, [Thing() for _ in range(SIZE)]


def _make_keyed_refs(state: tuple[Any, list[Thing]]) -> None:
    keyed_ref = state[0].KeyedRef
    for thing in state[1]:
        keyed_ref(thing, _ignore, 1)


def _ignore(_: object) -> None:
    pass


def _weak_methods(kind: Any) -> tuple[list[Any], list[Thing]]:
    things = [Thing() for _ in range(SIZE)]
    return [kind.WeakMethod(thing.method) for thing in things], things


def _make_methods(state: tuple[Any, list[Thing]]) -> list[Any]:
    weak_method = state[0].WeakMethod
    return [weak_method(thing.method) for thing in state[1]]


def _call_methods(state: tuple[list[Any], list[Thing]]) -> None:
    for method in state[0]:
        method()()


def _hash_methods(state: tuple[list[Any], list[Thing]]) -> None:
    for method in state[0]:
        hash(method)


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


def _finalizers(kind: Any) -> tuple[list[Any], list[Thing]]:
    things = [Thing() for _ in range(SIZE)]
    return [kind.finalize(thing, _nothing) for thing in things], things


def _call_finalizers(state: tuple[list[Any], list[Thing]]) -> None:
    for finalizer in state[0]:
        finalizer()


def _peek(state: tuple[list[Any], list[Thing]]) -> None:
    for finalizer in state[0]:
        finalizer.peek()


def _alive(state: tuple[list[Any], list[Thing]]) -> None:
    for finalizer in state[0]:
        finalizer.alive  # noqa: B018  # only its time matters


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


_CROWDS = {
    "WeakValueDictionary": _many_values,
    "WeakKeyDictionary": _many_keys,
    "WeakSet": _many_elements,
    "finalize": _many_finalizers,
}
