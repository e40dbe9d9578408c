"""Context managers that are ended whatever interrupts them: a Ctrl-C may fall between two lines.

A `with` statement calls `__exit__` of a class in Python, and an interrupt (a signal's handler that
raises, an exception set from another thread) may come before its first line has run. What it was to
put right then stays wrong. So the native base calls our methods from C, where nothing comes in
between, and calls `_end` wherever one of them did not come to its end.

The twin in Python does the same but for that first line. What is left then is found by whoever
opens a window next, or when the manager itself goes.
"""

import os
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from importlib import import_module
from itertools import compress, repeat, starmap
from types import ModuleType, TracebackType
from typing import TYPE_CHECKING, Any, Self, TypeVar

from weakrefs import ReferenceType


class PureGuarded:
    """A context manager made of four methods of its subclass.

    `_enter` and `_exit` do what `__enter__` and `__exit__` do elsewhere; what `with` gives is the
    manager itself. `_aexit` gives the awaitable of `__aexit__`, and has put everything right before
    that one is awaited. `_end` puts everything right after any of them has raised; it may be called
    at any time and more than once.
    """

    __slots__ = ()

    def __enter__(self) -> Self:
        try:
            self._enter()
        except BaseException:
            self._end()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> Any:
        try:
            return self._exit(kind, error, traceback)
        except BaseException:
            self._end()
            raise

    def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> Any:
        try:
            return self._aexit(kind, error, traceback)
        except BaseException:
            self._end()
            raise

    def _enter(self) -> None:
        raise NotImplementedError

    def _exit(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> Any:
        raise NotImplementedError

    def _aexit(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> Any:
        raise NotImplementedError

    def _end(self) -> None:
        raise NotImplementedError


class PureHeld:
    """A lock that is held while a block runs, or is not where it could not be had in time.

    That it was taken is noted in the same call into C, for an interrupt may come between two lines.

    Args:
        lock: that of one thread, which may take it more than once.
        patience: seconds to wait for it.
    """

    __slots__ = ("_lock", "_patience", "_taken", "_to_give_back")

    def __init__(self, lock: Any, patience: float) -> None:
        self._lock = lock
        self._patience = patience
        self._taken: list[bool] = []
        # It gives what the list gets later, once.
        self._to_give_back = iter(self._taken)

    def __enter__(self) -> None:
        try:
            self._taken.extend(map(self._lock.acquire, (True,), (self._patience,)))
        except BaseException:
            self.__exit__()
            raise

    def __exit__(self, *failure: object) -> None:
        deque(starmap(self._lock.release, compress(repeat(()), self._to_give_back)), 0)


Block = TypeVar("Block", bound=PureGuarded)


async def entered(block: Block) -> Block:
    """Enter a block as `with` does; the `__aenter__` of one that has an `_aexit`."""
    try:
        return block.__enter__()
    except BaseException:  # an interrupt on the way back
        block._end()
        raise


class Keyed(ReferenceType[Any]):
    """A weak reference that knows the key it stands under."""

    __slots__ = ("key",)

    key: int


class AtWork(dict[int, Keyed]):
    """Weak references to what is open or at work; what is dropped without an end has ended.

    There is no `__del__` for that. It would run for all, and an interrupt in it is printed.

    Args:
        dropped: called after something was dropped. It takes no lock, for this may be at any
            allocation, on any thread.
    """

    __slots__ = ("_dropped",)

    def __init__(self, dropped: Callable[[], object]) -> None:
        super().__init__()
        self._dropped = dropped

    def add(self, key: int, it: object) -> Keyed:
        """Note that something has begun; gives the reference to it."""
        reference = Keyed(it, self._has_gone)
        reference.key = key
        self[key] = reference
        return reference

    def _has_gone(self, reference: Keyed) -> None:
        if self.pop(reference.key, None) is not None:
            self._dropped()

    def end(self, key: int) -> bool:
        """Note that it has ended; false if it had before."""
        return self.pop(key, None) is not None

    def living(self) -> list[Any]:
        """What is open or at work and alive."""
        return [it for reference in list(self.values()) if (it := reference()) is not None]


native: ModuleType | None = None
"""What this, and all that a guest can do in C only, is made of; None where it was not compiled."""
if os.environ.get("LEAKWATCH_PURE", "") in {"", "0"}:
    with suppress(ImportError):
        native = import_module("leakwatch.guest._guarded_native")

if TYPE_CHECKING:
    Guarded = PureGuarded
    Held = PureHeld
else:
    Guarded = PureGuarded if native is None else native.Guarded
    Held = PureHeld if native is None else native.Held
