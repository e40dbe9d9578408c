"""Reading the process's figures, each on its own: one that is refused costs no other.

| figure | unit | what |
|---|---|---|
| `rss` | bytes | memory that is resident, shared pages included |
| `shared` | bytes | the part of it that is mapped files, libraries and shared memory |
| `uss` | bytes | memory that would be free if the process ended |
| `pss` | bytes | the same with a fair part of what is shared |
| `heap_used` | bytes | what `malloc` has in use, but for large blocks |
| `mmap_used` | bytes | large blocks, which `malloc` maps one by one |
| `python_blocks` | count | small blocks in use by Python's own allocator |
| `interned` | count | strings that are interned; Python 3.12 and later can tell |
| `gc_collections` | count | collections made since the process began |
| `threads` | count | threads of the process, native ones too |
| `fds` | count | open file descriptors |
| `sockets` | count | those of them that are sockets; in thorough samples only |
| `children` | count | processes that this one and its children have started; thorough only |
| `children_uss` | bytes | memory that would be free if they ended; thorough only |
| `children_fds` | count | their open file descriptors; thorough only |
"""

import gc
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from time import perf_counter

from leakwatch.extending import Budget
from leakwatch_memory import by_psutil, linux

Reader = Callable[[], dict[str, int]]

SHARE = 0.01
"""Share of the time that each reading may take.

What one costs is no constant. In a container with a slow `/proc` `statm` takes 23 µs, the
threads 60 and the descriptors 31; `uss` takes 1 ms in a small process and 16 ms with 300 MiB
resident, for the kernel walks every mapping, and the small blocks 1 µs there and 390 here.
"""
SAVED = 0.005
"""Seconds of reading that can be saved up: enough for some hundred samples at once."""

RESIDENT_SHARE = 0.05
RESIDENT_SAVED = 0.05
"""The same for `rss` and what both allocators have in use: a slope over runs needs them often, on a
slow machine too. malloc counts its free chunks for it: 1 µs in a small process, 20 ms with 150,000
of them."""

SYSTEM = linux if sys.platform == "linux" else by_psutil
"""Who reads what only the operating system and the C library know."""

_refused: dict[str, str] = {}


def sample(*, thorough: bool = False) -> dict[str, int]:
    """Every figure that can be read now.

    Args:
        thorough: read all of them, whatever it costs. By default a figure is missing while its
            budget is spent: of thousands of scopes in a row some go without.

    Returns:
        figures by name.
    """
    if thorough:
        wanted = [*READINGS, sockets, by_psutil.children]
    else:
        # Of a scope that takes microseconds most budgets are spent, and the clock is asked once.
        now, wanted = perf_counter(), []
        for read, budget in READINGS.items():
            if budget.due <= now:
                wanted.append(read)
        if not wanted:
            return {}
    known = len(sys.modules)
    # First: what the others give takes small blocks itself.
    blocks = taken(python_blocks, thorough=thorough) if python_blocks in wanted else {}
    figures: dict[str, int] = {}
    for read in wanted:
        figures |= blocks if read is python_blocks else taken(read, thorough=thorough)
    # What a reading imports the first time is none of the program's growth.
    return sample(thorough=True) if thorough and len(sys.modules) > known else figures


def taken(read: Reader, *, thorough: bool) -> dict[str, int]:
    """What a reading gives; nothing while its budget is spent, or where the system refuses it."""
    try:
        found = read() if thorough else READINGS[read].take(read)
    except Exception as error:  # noqa: BLE001 - whatever the system refuses is left out
        # Asked again next time: a process that leaks descriptors cannot open `/proc` either,
        # until it closes some.
        note(read.__name__, error)
        return {}
    return found or {}


def base_of(change: dict[str, int]) -> str:
    """The figure that growth is measured by: what is the process's alone, or what is resident."""
    return "uss" if "uss" in change else "rss"


def unavailable() -> dict[str, str]:
    """What could not be read at least once: the figure (`heap` for both of malloc's) and why."""
    return dict(_refused)


def note(figure: str, error: Exception) -> None:
    """Remember that a figure could not be read, and log it the first time."""
    if figure in _refused:
        return
    _refused[figure] = f"{type(error).__name__}: {error}"
    # Nobody reads a log in a program that has not imported `logging`, and importing it here
    # could fail for the same reason as the reading: no free descriptor.
    logging = sys.modules.get("logging")
    if logging is not None:
        logging.getLogger("leakwatch").info(
            "memory figure %s cannot be read and is left out: %s", figure, _refused[figure]
        )


def python_blocks() -> dict[str, int]:
    """`python_blocks`, and `interned` where Python counts them.

    The allocator walks its arenas to count its blocks.
    """
    found = {"python_blocks": sys.getallocatedblocks()}
    if count_interned is not None:
        found["interned"] = count_interned()
    return found


count_interned: Callable[[], int] | None = getattr(sys, "getunicodeinternedsize", None)


def gc_collections() -> dict[str, int]:
    """`gc_collections`, of all generations."""
    return {"gc_collections": sum(stats["collections"] for stats in gc.get_stats())}


def sockets() -> dict[str, int]:
    """`sockets`; one look at each descriptor, so only where time does not count."""
    folder = "/proc/self/fd"
    if not os.path.isdir(folder):
        return {}
    return {"sockets": sum(map(partial(is_socket, folder), os.listdir(folder)))}


def is_socket(folder: str, name: str) -> bool:
    """Whether a descriptor is a socket; the one that lists the folder is closed by now."""
    try:
        return os.readlink(f"{folder}/{name}").startswith("socket:")
    except OSError:
        return False


READINGS: dict[Reader, Budget] = {
    SYSTEM.rss: Budget(RESIDENT_SHARE, RESIDENT_SAVED),
    # Before malloc's figures: where psutil has to be imported this pays for it with its budget.
    SYSTEM.uss: Budget(SHARE, SAVED),
    SYSTEM.heap: Budget(RESIDENT_SHARE, RESIDENT_SAVED),
    python_blocks: Budget(RESIDENT_SHARE, RESIDENT_SAVED),
    **{read: Budget(SHARE, SAVED) for read in (gc_collections, SYSTEM.threads, SYSTEM.fds)},
}


@dataclass(frozen=True, slots=True)
class Trimmed:
    """What asking the allocator brought.

    Attributes:
        released: bytes that RSS shrank by.
        seconds: that it took; other threads wait for the allocator meanwhile.
    """

    released: int
    seconds: float


def trim() -> Trimmed | None:
    """Ask the allocator to give back freed memory: the proof that it was freed.

    malloc keeps freed memory for the next request. `malloc_trim` gives whole pages back to the
    system; what RSS loses by it was in nobody's use.

    Returns:
        what it gave back, or None where the C library cannot be asked (musl, macOS).
    """
    import psutil

    ask = getattr(psutil, "heap_trim", None)
    if ask is None:
        return None
    before, began = SYSTEM.rss()["rss"], perf_counter()
    ask()
    took = perf_counter() - began
    return Trimmed(max(0, before - SYSTEM.rss()["rss"]), took)
