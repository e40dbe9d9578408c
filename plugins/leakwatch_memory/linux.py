"""Figures of this process that Linux and glibc tell themselves.

psutil reads the same files and asks the same function. To import it takes longer than all else that
a first scope does, and a reading three times as long.
"""

import os
import sys
from functools import cache
from io import FileIO
from typing import Any

from leakwatch_memory import by_psutil

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


def rss() -> dict[str, int]:
    """`rss` and `shared`."""
    _, pages, shared, _ = text_of("statm").split(maxsplit=3)
    return {"rss": int(pages) * PAGE, "shared": int(shared) * PAGE}


def uss() -> dict[str, int]:
    """`uss` and `pss`; by psutil where the kernel does not add them up (before Linux 4.14)."""
    if not os.path.exists(ROLLUP):
        return by_psutil.uss()
    own = fair = 0
    for line in text_of("smaps_rollup").splitlines():
        if line.startswith(b"Private_"):
            own += int(line.split()[1]) * KIB
        elif line.startswith(b"Pss:"):
            fair = int(line.split()[1]) * KIB
    return {"uss": own, "pss": fair}


def threads() -> dict[str, int]:
    """`threads`."""
    fields = text_of("stat").rpartition(b")")[2].split(maxsplit=THREADS + 1)
    return {"threads": int(fields[THREADS])}


def fds() -> dict[str, int]:
    """`fds`, the one that lists them included."""
    return {"fds": len(os.listdir(f"{PROCESS}/fd"))}


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


if sys.platform == "linux":
    mallinfo()  # it imports ctypes, for which the first reading would pay with its budget


def heap() -> dict[str, int]:
    """`heap_used` and `mmap_used`; by psutil where glibc does not tell them."""
    function = mallinfo()
    if function is None:
        return by_psutil.heap()
    found = function()
    return {"heap_used": found.uordblks, "mmap_used": found.hblkhd}
