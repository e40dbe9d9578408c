"""Time one operation on all kinds of containers, turn about in one process."""

import gc
import importlib
import os
import sys
import time
from collections.abc import Callable
from types import FunctionType, ModuleType
from typing import Any, NamedTuple

__all__ = ["SHORT", "SIZE", "Case", "Plain", "Thing", "best_of_each", "pure_package"]

SIZE = 1000
ROUNDS = 15
SHORT = 100  # rounds of what is one call in C on either side, and so a matter of microseconds


class Thing:
    """What is referred to: ordinary, compared by identity."""

    def method(self) -> None:
        """Do nothing."""


class Case(NamedTuple):
    """One operation: how to prepare it, and what is measured, on each kind of container.

    `prepare` takes a namespace (`weakrefs`, `weakref` or `Plain`) and returns the state that
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


def pure_package() -> ModuleType:
    """Import a second `weakrefs`, without its native part, beside the one that is in use."""
    in_use = {name: sys.modules.pop(name) for name in list(sys.modules) if _is_ours(name)}
    before = os.environ.get("LEAKWATCH_PURE")
    os.environ["LEAKWATCH_PURE"] = "1"
    try:
        package = importlib.import_module("weakrefs")
        # The names are imported when first asked for, and later that would be the other package.
        for name in package.__all__:
            getattr(package, name)
        if "weakrefs._native" in sys.modules:
            raise RuntimeError("the pure package imported weakrefs._native: its times are not pure")
        return package
    finally:
        os.environ.pop("LEAKWATCH_PURE")
        if before is not None:
            os.environ["LEAKWATCH_PURE"] = before
        for name in [name for name in sys.modules if _is_ours(name)]:
            del sys.modules[name]
        sys.modules.update(in_use)


def _is_ours(name: str) -> bool:
    return name.partition(".")[0] == "weakrefs"


def best_of_each(case: Case, kinds: list[Any]) -> list[float | None]:
    """Return nanoseconds per element of each kind's fastest round; None for what it lacks."""
    works = [_own_copy(case.work) for _ in kinds]
    best = [float("inf")] * len(kinds)
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        for _ in range(case.rounds):
            for n, kind in enumerate(kinds):
                best[n] = min(best[n], _time(case.prepare, works[n], kind))
    finally:
        if was_enabled:
            gc.enable()
    return [None if b == float("inf") else b / case.elements * 1e9 for b in best]


def _own_copy(work: Any) -> Callable[[Any], Any]:
    # The interpreter specialises bytecode for the types that it meets (PEP 659). A line of an
    # application meets one kind of container, so each kind gets a line of its own here.
    fresh = work.__code__.replace()
    return FunctionType(fresh, work.__globals__, work.__name__, None, work.__closure__)


def _time(prepare: Callable[[Any], Any], work: Callable[[Any], Any], kind: Any) -> float:
    try:
        state = prepare(kind)
    except AttributeError:  # the plain twin does not have it
        return float("inf")
    start = time.perf_counter()
    try:
        work(state)
    except (AttributeError, TypeError):  # nor has it such a method
        return float("inf")
    return time.perf_counter() - start
