"""Figures of this process that Linux and glibc tell themselves.

psutil reads the same files and asks the same function. To import it takes longer than all else that
a first scope does, and a reading three times as long.
"""

import os
from functools import cache
from io import FileIO
from typing import Any

PROCESS = "/proc/self"
ROLLUP = f"{PROCESS}/smaps_rollup"
PAGE = os.sysconf("SC_PAGE_SIZE") if hasattr(os, "sysconf") else 4096
KIB = 1024
THREADS = 17
"""Place of the number of threads in `stat`, counted from behind the name of the program."""


def text_of(name: str) -> bytes:
    """What a file of the process says."""
    # Not os.open, and on one line: an interrupt between two would leave the file open, for as long
    # as its traceback is kept.
    with FileIO(f"{PROCESS}/{name}") as file: return file.readall()  # noqa: E701  # fmt: skip


def resident() -> tuple[int, int]:
    """Bytes that are resident, and those of them that are files and shared memory."""
    _, pages, shared, _ = text_of("statm").split(maxsplit=3)
    return int(pages) * PAGE, int(shared) * PAGE


def unique() -> tuple[int, int]:
    """Bytes that are the process's alone, and those with a fair part of what is shared.

    Raises:
        OSError: the kernel does not add them up (before Linux 4.14), or refuses it.
    """
    own = fair = 0
    for line in text_of("smaps_rollup").splitlines():
        if line.startswith(b"Private_"):
            own += int(line.split()[1]) * KIB
        elif line.startswith(b"Pss:"):
            fair = int(line.split()[1]) * KIB
    return own, fair


def threads() -> int:
    """Threads of the process."""
    return int(text_of("stat").rpartition(b")")[2].split(maxsplit=THREADS + 1)[THREADS])


def descriptors() -> int:
    """Open file descriptors, the one that lists them included."""
    return len(os.listdir(f"{PROCESS}/fd"))


@cache
def mallinfo() -> Any:
    """glibc's `mallinfo2`; None in another C library, an old one, or a Python without `ctypes`."""
    try:
        import ctypes
    except ImportError:
        return None

    class Info(ctypes.Structure):
        _fields_ = [
            (name, ctypes.c_size_t)
            for name in (
                "arena", "ordblks", "smblks", "hblks", "hblkhd",
                "usmblks", "fsmblks", "uordblks", "fordblks", "keepcost",
            )
        ]  # fmt: skip

    function = getattr(ctypes.CDLL(None), "mallinfo2", None)
    if function is not None:
        function.restype = Info
    return function


def heap() -> tuple[int, int] | None:
    """Bytes that malloc has in use in its arenas, and in blocks that it mapped one by one."""
    function = mallinfo()
    if function is None:
        return None
    found = function()
    return found.uordblks, found.hblkhd
