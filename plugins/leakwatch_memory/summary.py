"""How much of the process's growth the survivors explain, and where to look for the rest."""

from leakwatch import Report
from leakwatch.model import MemoryGrowth
from leakwatch_memory.split import LARGEST_SMALL_BLOCK

MIB = 1 << 20


def story(report: Report) -> str:
    """The growth of the process beside all survivors of a report: leaks, known and in use."""
    found = (*report.leaks, *report.known, *report.in_use)
    return describe(report.memory, sum(leak.retained_bytes for leak in found))


def describe(growth: MemoryGrowth | None, retained_bytes: int) -> str:
    """The growth of resident memory, the survivors' part of it, and who has the rest.

    Args:
        growth: the figures at both ends, or None.
        retained_bytes: what the survivors retain together, in bytes.

    Returns:
        one line; empty if `rss` was not read at both ends.
    """
    change = growth.change if growth else {}
    grown = change.get("rss")
    if grown is None:
        return ""
    parts = [explained(grown, retained_bytes), rest(change, grown - retained_bytes)]
    return "; ".join(part for part in parts if part)


def explained(grown: int, retained: int) -> str:
    """What RSS did, and the survivors' part of it."""
    if grown <= 0:
        what = f"RSS shrank by {mib(-grown)}" if grown else "RSS did not grow"
        return f"{what}; the survivors retain {mib(retained)}" if retained else what
    if not retained:
        return f"RSS grew {mib(grown)}; no survivor explains it"
    if retained > grown:
        return (
            f"RSS grew {mib(grown)}; the survivors retain {mib(retained)}, "
            "part of it in memory that the process had already"
        )
    share = f"{retained / grown * 100:.0f} %"
    return f"RSS grew {mib(grown)}; the survivors retain {mib(retained)} of it ({share})"


def rest(change: dict[str, int], unexplained: int) -> str:
    """Who has most of the growth that no survivor explains; empty if that is not known.

    The survivors' own memory may lie in malloc's heap or in Python's, so a part is named
    only if it covers half of the rest even in the worst case.
    """
    in_malloc = change.get("heap_used", 0) + change.get("mmap_used", 0)
    in_blocks = change.get("python_blocks", 0) * LARGEST_SMALL_BLOCK
    if unexplained < MIB or "heap_used" not in change or "python_blocks" not in change:
        return ""
    half = unexplained / 2
    if in_malloc - (change["rss"] - unexplained) >= half:
        return f"malloc has {mib(in_malloc)} more in use: native memory or large buffers"
    if in_malloc < half and in_blocks < half:
        return (
            "neither malloc nor Python has that much more in use: "
            "freed memory that the allocator keeps, mapped files or stacks of threads"
        )
    if in_malloc < half:
        return f"Python has {change['python_blocks']:,} more small blocks in use"
    return ""


def mib(number: int) -> str:
    """Bytes in MiB: resident memory comes in pages, and nothing smaller matters."""
    return f"{number / MIB:.1f} MiB"
