"""What the growth of a process is made of.

The parts add up to the growth, and each is only as large as the figures prove in the worst
case: what the survivors retain may lie in malloc's heap or in Python's own arenas, and one
small block of Python's has 16 to 512 bytes. What is in doubt stays unexplained.
"""

from collections.abc import Iterator

from leakwatch.extending import size
from leakwatch.model import MemoryGrowth, MemoryPart
from leakwatch_memory.figures import base_of

OBJECTS = "Python objects"
FILLING = "bounded caches"
UNTRACKED = "untracked Python objects"
NATIVE = "native heap"
OWN = "leakwatch itself"
MAPPED = "mapped files and libraries"
SLACK = "allocator slack"
UNEXPLAINED = "unexplained"

LARGEST_SMALL_BLOCK = 512
"""Bytes: Python's allocator serves up to this size itself (SMALL_REQUEST_THRESHOLD)."""
SMALLEST_BLOCK = 16
"""Bytes of the smallest block that it gives."""
OWN_FIGURE = "leakwatch_bytes"
LOOKS_FIGURE = "leakwatch_looks"


def parts_of(
    memory: MemoryGrowth, retained: int, released: int | None = None
) -> tuple[MemoryPart, ...]:
    """The growth in parts that add up to it.

    Args:
        memory: the figures at both ends.
        retained: bytes that the survivors and the growing containers retain, without those that
            stop at a bound of their own.
        released: bytes that the allocator gave back when it was asked to, or None if it was not.

    Returns:
        the parts that are not empty; none if the process did not grow.
    """
    change = memory.change
    rest = change.get(base_of(change), 0)
    parts = []
    for part in claims(memory, retained, released):
        granted = min(part.size, rest)
        if granted > 0:
            parts.append(MemoryPart(part.name, granted, part.evidence))
            rest -= granted
    if rest > 0:
        parts.append(MemoryPart(UNEXPLAINED, rest, unexplained(change)))
    return tuple(parts)


def claims(memory: MemoryGrowth, retained: int, released: int | None) -> Iterator[MemoryPart]:
    """What each part may claim of the growth, the best proved first."""
    change, filling = memory.change, memory.filling
    earlier = retained > change.get(base_of(change), 0)
    aside = ", part of it in memory that the process had already" if earlier else ""
    yield MemoryPart(OBJECTS, retained, f"the survivors retain {size(retained)}{aside}")
    yield MemoryPart(FILLING, filling, f"containers with a bound of their own hold {size(filling)}")
    own = change.get(OWN_FIGURE, 0)
    malloc = in_malloc(change)
    if malloc is not None:
        yield MemoryPart(
            NATIVE, malloc - retained - filling - own, f"malloc has {size(malloc)} more in use"
        )
    own += change.get(LOOKS_FIGURE, 0)
    yield MemoryPart(OWN, own, "the notes that leakwatch keeps and its looks at the whole heap")
    mapped = change.get("shared", 0)
    yield MemoryPart(MAPPED, mapped, f"{size(mapped)} more of mapped files are resident")
    if released is not None:
        yield MemoryPart(SLACK, released, f"the allocator gave back {size(released)} when asked")
    elif malloc is not None and "python_blocks" in change:
        yield MemoryPart(SLACK, idle(change, malloc), "neither malloc nor Python has it in use")


def in_malloc(change: dict[str, int]) -> int | None:
    """Bytes more that malloc has in use, or None where that is not known."""
    if "heap_used" not in change:
        return None
    return change["heap_used"] + change.get("mmap_used", 0)


def idle(change: dict[str, int], malloc: int) -> int:
    """Bytes of the growth that nobody can have in use, however large the small blocks are."""
    blocks = max(0, change["python_blocks"]) * LARGEST_SMALL_BLOCK
    return (
        change.get(base_of(change), 0) - max(0, malloc) - blocks - max(0, change.get("shared", 0))
    )


def unexplained(change: dict[str, int]) -> str:
    """What may be behind the rest."""
    hints = []
    if change.get("python_blocks", 0) > 0:
        hints.append(f"Python has {change['python_blocks']:,} more small blocks in use")
    if change.get("threads", 0) > 0:
        hints.append(f"there are {change['threads']} more threads, each with a stack")
    return "; ".join(hints)
