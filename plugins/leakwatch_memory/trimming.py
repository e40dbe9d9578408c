"""Asking the allocator to give back what it keeps: the proof that memory was freed.

malloc keeps freed memory for the next request. `malloc_trim` gives whole pages back to the
system; what RSS loses by it was in nobody's use.
"""

from dataclasses import dataclass
from time import perf_counter

from leakwatch_memory.figures import rss


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
    """Ask the allocator to give back freed memory.

    Returns:
        what it gave back, or None where the C library cannot be asked (musl, macOS).
    """
    import psutil

    ask = getattr(psutil, "heap_trim", None)
    if ask is None:
        return None
    before, began = rss()["rss"], perf_counter()
    ask()
    took = perf_counter() - began
    return Trimmed(max(0, before - rss()["rss"]), took)
