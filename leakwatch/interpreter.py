"""Private references to the interpreter's own functions, taken when leakwatch is imported.

We are a guest in someone's process: their tests patch `time`, `gc` and `threading`
(freezegun, mocks), and a judgement that runs on a patched clock or a mocked collector
is worth nothing.
"""

import atexit
import builtins
import gc
import os
import sys
import threading
import time
import types
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from importlib import import_module
from types import ModuleType
from typing import Any

is_tracked = gc.is_tracked
get_referents_unguarded = gc.get_referents

monotonic = time.monotonic
thread_time = time.thread_time
sleep = time.sleep
# Windows lacks both and macOS the second: there the time of a thread cannot be asked.
time_on: Callable[[int], int] = getattr(time, "clock_gettime_ns", lambda _: 0)
pthread_getcpuclockid: Callable[[int], int] | None = getattr(time, "pthread_getcpuclockid", None)

get_frame = sys._getframe
has_global_lock: Callable[[], bool] = getattr(sys, "_is_gil_enabled", lambda: True)
"""Whether one thread runs at a time: always but in a free-threaded build, where it can change."""
getpid = os.getpid
getallocatedblocks = sys.getallocatedblocks
getrefcount = sys.getrefcount

exit_callbacks: Callable[[], int] = atexit._ncallbacks
"""How many callbacks are registered with atexit: since CPython 3.10 all that can be asked."""
EXIT_CALLBACKS_ARE_SHOWN = sys.version_info >= (3, 14)
"""Whether they lie in a list, which the collector knows; before in an array of C."""


# Only C can make another interpreter where Python was built without it.
_interpreters: Any = None
with suppress(ImportError):
    _interpreters = import_module(
        "_interpreters" if sys.version_info >= (3, 13) else "_xxsubinterpreters"
    )


def _number(interpreter: Any) -> Any:
    """What an interpreter is told by: from 3.13 on it comes in a tuple."""
    return interpreter[0] if type(interpreter) is tuple else interpreter


IN_MAIN: bool = _interpreters is None or _number(_interpreters.get_current()) == _number(
    _interpreters.get_main()
)
"""Whether this is the interpreter that the process began with, and no subinterpreter."""
CAN_FORK = hasattr(os, "fork") and IN_MAIN
"""Only the main interpreter may fork, and not on every system."""


def others_run() -> bool:
    """Whether another interpreter of the process may run at this moment, with a lock of its own.

    Before CPython 3.12 all of them share one lock.
    """
    if sys.version_info < (3, 12) or _interpreters is None:
        return False
    this = _number(_interpreters.get_current())
    others = [number for it in _interpreters.list_all() if (number := _number(it)) != this]
    return any(map(_may_run, others))


def _may_run(number: Any) -> bool:
    """Whether one of the other interpreters is at work; what cannot be asked is taken to be."""
    try:
        config = getattr(_interpreters, "get_config", None)  # from 3.13 on
        own_lock = config is None or config(number).gil == "own"
        return own_lock and bool(_interpreters.is_running(number))
    except Exception:  # noqa: BLE001 - it has ended meanwhile, or was not made by this module
        return True


signal_handler: Callable[[int], Any] = import_module("_signal").getsignal
"""`signal.getsignal` asks `isinstance`, and so the handler for its `__class__`."""
if not IN_MAIN:
    # The handlers are objects of the main interpreter, which has the signals, and lead to all of
    # its objects. To count a reference to one beside it, without its lock, is the end of both.
    signal_handler = lambda _: None  # noqa: E731

FROZEN_MAPPINGS: tuple[type, ...] = tuple(filter(None, [getattr(builtins, "frozendict", None)]))
"""Builtin mappings that never change and are no subclass of dict: `frozendict` of CPython 3.15."""
LAZY_IMPORTS: tuple[type, ...] = tuple(filter(None, [getattr(types, "LazyImportType", None)]))
"""What a name is bound to by `lazy import` until it is used, since CPython 3.15.

A global that is one is imported when a function reads it; a local variable or an entry is not.
"""

active_thread_count = threading.active_count
current_thread_id = threading.get_ident
enumerate_threads = threading.enumerate


def count_into(counts: dict[Any, int], found: Iterable[object]) -> None:
    """Count what is found, on top of what was counted before.

    `Counter.update` would ask `isinstance(found, Mapping)`, and that asks every mapping of the
    program that is derived from `Mapping` for its subclasses.
    """
    for it in found:
        counts[it] = counts.get(it, 0) + 1


def _get_referents_but_of_asyncio(holder: object) -> list[object]:
    """`gc.get_referents` of one object, for CPython 3.12.

    There the module `_asyncio` shows the collector its list of freed iterators. To ask for
    them would revive them and free them a second time; the list becomes a ring, and the next
    collection follows it for ever.
    """
    return [] if _is_asyncio(holder) else get_referents_unguarded(holder)


def _is_asyncio(holder: object) -> bool:
    return type(holder) is ModuleType and holder is sys.modules.get("_asyncio")


get_referents: Callable[[object], list[Any]] = get_referents_unguarded
if sys.version_info[:2] == (3, 12):
    get_referents = _get_referents_but_of_asyncio


def get_referents_of_all(holders: Sequence[object]) -> list[Any]:
    """What all the holders refer to, in one list; much faster than one call for each."""
    if get_referents is not get_referents_unguarded:
        holders = [holder for holder in holders if not _is_asyncio(holder)]
    return get_referents_unguarded(*holders)
