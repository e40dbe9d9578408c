"""Judging what was registered in a scope while other work of the process goes on.

The registered objects are the scope's own for certain. But to collect, and to walk the heap, would
stop all the others. So a forked child judges, and one mistake is judged so once: objects of the
same type, from the same line, of a scope of the same name wait for the next judgement in quiet.
Scopes may have ever new names, so forks are rationed as well.
"""

from collections.abc import Callable, Iterable
from types import CodeType
from typing import TypeVar

from leakwatch.heap.objects import full_type_name
from leakwatch.interpreter import CAN_FORK, monotonic
from leakwatch.tracking.handles import Handle

T = TypeVar("T")

MOST_REMEMBERED = 4096
MOST_AT_ONCE = 10
"""Forks that may follow one another without a pause."""
PAUSE = 5.0
"""Seconds after which there may be one more."""

Key = tuple[str, CodeType | None, int, str]
_judged: set[Key] = set()


class Ration:
    """How often something costly may be done: so many times at once, then once in a while."""

    __slots__ = ("_credit", "_since")

    def __init__(self) -> None:
        self._credit = float(MOST_AT_ONCE)
        self._since = monotonic()

    def take(self) -> bool:
        """Whether it may be done now; then it counts as done."""
        now = monotonic()
        self._credit = min(MOST_AT_ONCE, self._credit + (now - self._since) / PAUSE)
        self._since = now
        if self._credit < 1:
            return False
        self._credit -= 1
        return True


_forks = Ration()


def claim(scope: str, handles: Iterable[Handle], born: Iterable[object]) -> frozenset[Key]:
    """What a forked child is to judge; empty if it cannot, or if all of it was judged so before.

    Args:
        scope: name of the scope.
        handles: what was registered in it and is there.
        born: what was born in it and is there.
    """
    registered = (
        (scope, handle.site.code, handle.site.line, full_type_name(type(subject)))
        for handle in handles
        if (subject := handle()) is not None
    )
    names = {id(type(it)): full_type_name(type(it)) for it in born}
    keys = frozenset((*registered, *((scope, None, 0, name) for name in names.values())))
    if keys <= _judged or not CAN_FORK or not _forks.take():
        return frozenset()
    if len(_judged) > MOST_REMEMBERED:
        _judged.clear()
    _judged.update(keys)
    return keys


def release(keys: frozenset[Key]) -> None:
    """These were no leaks: garbage perhaps, or in use. Ask again the next time."""
    _judged.difference_update(keys)


async def in_thread(call: Callable[[], T]) -> T:
    """What a call returns that takes long, made on a thread of its own; the event loop goes on."""
    import asyncio
    from threading import Thread

    loop = asyncio.get_running_loop()
    done: asyncio.Future[T] = loop.create_future()

    def tell(result: T | None, error: BaseException | None) -> None:
        if done.done():  # cancelled
            return
        if error is not None:
            done.set_exception(error)
        else:
            done.set_result(result)  # type: ignore[arg-type]

    def work() -> None:
        result, error = None, None
        try:
            result = call()
        except BaseException as raised:  # noqa: BLE001 - handed on to the one who waits
            error = raised
        if not loop.is_closed():
            loop.call_soon_threadsafe(tell, result, error)

    Thread(target=work, name="leakwatch", daemon=True).start()
    return await done
