"""A filled container, and the operations that dictionaries and sets have in common."""

import copy
from collections.abc import Callable
from typing import Any, NamedTuple

from benchmarks.containers.measuring import Thing

__all__ = ["COMMON_WORK", "Filled", "each"]


class Filled(NamedTuple):
    """A container of `SIZE` entries, what is in it, and what is not."""

    container: Any
    keys: list[Any]
    values: list[Thing]
    others: list[Any]


def each(method: str, which: str = "keys") -> Callable[[Filled], None]:
    """Return the work of calling ``container.method(item)`` for each of ``filled.<which>``."""

    def work(filled: Filled) -> None:
        call = getattr(filled.container, method)
        for item in getattr(filled, which):
            call(item)

    return work


def _in_hit(filled: Filled) -> None:
    container = filled.container
    for key in filled.keys:
        key in container  # noqa: B015  # only its time matters


def _in_miss(filled: Filled) -> None:
    container = filled.container
    for key in filled.others:
        key in container  # noqa: B015  # only its time matters


def _iterate(filled: Filled) -> None:
    for _ in filled.container:
        pass


def _len(filled: Filled) -> None:
    container = filled.container
    for _ in filled.keys:
        len(container)


def _copy(filled: Filled) -> None:
    filled.container.copy()


def _deepcopy(filled: Filled) -> None:
    if type(filled.container) in (dict, set):
        raise AttributeError("a plain one copies its elements too")
    copy.deepcopy(filled.container)


def _clear(filled: Filled) -> None:
    filled.container.clear()


def _die(filled: Filled) -> None:
    filled.others.clear()
    filled.values.clear()
    filled.keys.clear()


COMMON_WORK = {
    "in hit": _in_hit,
    "in miss": _in_miss,
    "iterate": _iterate,
    "len": _len,
    "copy": _copy,
    "deepcopy": _deepcopy,
    "clear": _clear,
    "referents die": _die,
}
