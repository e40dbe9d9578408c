"""Reading the process's figures, each on its own: one that is refused costs no other.

| figure | unit | what |
|---|---|---|
| `rss` | bytes | memory that is resident, shared pages included |
| `uss` | bytes | memory that would be free if the process ended; dear, so it is rationed |
| `heap_used` | bytes | what `malloc` has in use, but for large blocks |
| `mmap_used` | bytes | large blocks, which `malloc` maps one by one |
| `python_blocks` | count | small blocks in use by Python's own allocator |
| `threads` | count | threads of the process, native ones too |
| `fds` | count | open file descriptors |
"""

import sys
from collections.abc import Callable
from os import getpid
from typing import Any

from leakwatch_memory.ration import Ration

USS_SHARE = 0.01
"""Share of the time that reading `uss` may take.

The kernel walks every mapping for it: 50 µs in a small process, 0.6 ms with 8,000 mappings,
1.3 ms with 300 MiB resident (psutil 7.2 on Linux), where all other figures take 20 µs together.
"""

_uss_ration = Ration(USS_SHARE)
_refused: dict[str, str] = {}


def sample() -> dict[str, int]:
    """Every figure that can be read now.

    Returns:
        figures by name. `uss` is missing while its ration is spent: a scope has it at both
        ends if it lasts a hundred times as long as one reading.
    """
    figures: dict[str, int] = {}
    for read in READERS:
        try:
            figures.update(read())
        except Exception as error:  # noqa: BLE001 - whatever the system refuses is left out
            # Asked again next time: a process that leaks descriptors cannot open `/proc` either,
            # until it closes some.
            note(read.__name__, error)
    return figures


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


class OwnProcess:
    """psutil's view of this process, made anew in a forked child."""

    def __init__(self) -> None:
        self._pid = 0
        self._process: Any = None

    def __call__(self) -> Any:
        pid = getpid()
        if pid != self._pid:
            import psutil

            self._process, self._pid = psutil.Process(pid), pid
        return self._process


own_process = OwnProcess()


def rss() -> dict[str, int]:
    """`rss`."""
    return {"rss": own_process().memory_info().rss}


def uss() -> dict[str, int]:
    """`uss`, if its ration allows."""
    return _uss_ration.take(read_uss) or {}


def read_uss() -> dict[str, int]:
    """`uss`, whatever it costs."""
    process = own_process()
    # psutil 8 deprecates memory_full_info() in favour of memory_footprint().
    read = getattr(process, "memory_footprint", None) or process.memory_full_info
    return {"uss": read().uss}


def heap() -> dict[str, int]:
    """`heap_used` and `mmap_used`; musl and some systems have neither."""
    import psutil

    info = psutil.heap_info()
    return {"heap_used": info.heap_used, "mmap_used": info.mmap_used}


def python_blocks() -> dict[str, int]:
    """`python_blocks`."""
    return {"python_blocks": sys.getallocatedblocks()}


def threads() -> dict[str, int]:
    """`threads`."""
    return {"threads": own_process().num_threads()}


def fds() -> dict[str, int]:
    """`fds`."""
    return {"fds": own_process().num_fds()}


READERS: tuple[Callable[[], dict[str, int]], ...] = (rss, uss, heap, python_blocks, threads, fds)
