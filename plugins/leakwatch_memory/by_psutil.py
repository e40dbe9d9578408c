"""Figures of this process that psutil reads; imported when one is wanted, for that takes long."""

from os import getpid
from typing import Any


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
    """`uss`, and `pss` where the system has it."""
    found = full_info(own_process())
    shares = {"pss": found.pss} if hasattr(found, "pss") else {}
    return {"uss": found.uss, **shares}


def full_info(process: Any) -> Any:
    """What psutil knows of a process's memory; the kernel walks each mapping for it."""
    # psutil 8 deprecates memory_full_info() in favour of memory_footprint().
    read = getattr(process, "memory_footprint", None) or process.memory_full_info
    return read()


def heap() -> dict[str, int]:
    """`heap_used` and `mmap_used`; musl and some systems have neither."""
    import psutil

    info = psutil.heap_info()
    return {"heap_used": info.heap_used, "mmap_used": info.mmap_used}


def threads() -> dict[str, int]:
    """`threads`."""
    return {"threads": own_process().num_threads()}


def fds() -> dict[str, int]:
    """`fds`."""
    return {"fds": own_process().num_fds()}


def children() -> dict[str, int]:
    """`children`, `children_uss` and `children_fds`; each process of the system is looked at."""
    asked = map(of_child, own_process().children(recursive=True))
    found = [known for known in asked if known is not None]
    return {
        "children": len(found),
        "children_uss": sum(unique for unique, _ in found),
        "children_fds": sum(fds for _, fds in found),
    }


def of_child(child: Any) -> tuple[int, int] | None:
    """Bytes of its own and descriptors of a process; None of one that has ended meanwhile."""
    import psutil

    try:
        with child.oneshot():
            if child.status() == psutil.STATUS_ZOMBIE:
                return None
            return full_info(child).uss, child.num_fds()
    except psutil.Error:
        return None
