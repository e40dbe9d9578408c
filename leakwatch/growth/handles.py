"""What the system has few of, descriptors, threads and processes: how many a hunt may use up."""

from collections.abc import Callable, Iterator

from leakwatch.growth.memory_samples import MemorySamples
from leakwatch.model import MemoryGrowth
from leakwatch.reports.wording import counted

HANDLES = {
    "fds": "open file descriptors, sockets among them",
    "threads": "threads",
    "children": "child processes",
}
"""Figures that count what a program opens and ends, by name, with words for a note."""
NotesOn = Callable[[MemoryGrowth | None, int], Iterator[str]]
"""What is to be said of the figures at both ends of so many runs."""
SHARE = 0.5
"""Part of the descriptors free at the start that a hunt may use up: the rest is for the work."""
MOST_THREADS = 500
"""Threads that a hunt may add: each has a stack, and a container allows some thousands."""
MOST_CHILDREN = 100
"""Processes that it may add."""


def handles_grown(memory: MemoryGrowth | None, runs: int) -> Iterator[str]:
    """Notes on figures that grow by one or more a run, whether or not an object stands for them."""
    for figure, words in HANDLES.items():
        more = memory.change.get(figure, 0) if memory is not None else 0
        if more >= runs:
            yield f"{words}: {more:,} more than before, {more / runs:.2g} for each run"


def handles_and_children(memory: MemoryGrowth | None, runs: int) -> Iterator[str]:
    """The same, and a note on processes that are there at the end and that nobody judges."""
    yield from handles_grown(memory, runs)
    number = memory.end.get("children", 0) if memory is not None else 0
    if number:
        children = counted(number, "child", "children")
        yield f"the objects of {children} are not judged; {JUDGE_THEM}"


JUDGE_THEM = "in `leakwatch hunt`, --children judges those that are forked"


def used_up(samples: MemorySamples, times: int = 1) -> str:
    """What the work has too many of, in words for a note; empty if nothing.

    Args:
        samples: with the figures at the start and at the last look.
        times: by how much more runs will multiply what was added so far.
    """
    for figure, words in HANDLES.items():
        before, now = samples.at_start(figure), samples.latest(figure)
        if before is None or now is None:
            continue
        most = most_added(figure, before)
        if most is not None and (now - before) * times > most:
            return f"{now:,} {words}, {now - before:,} more than before"
    return ""


def most_added(figure: str, before: int) -> int | None:
    """How many of something may be added; None where the system sets no limit, or has no such."""
    if figure != "fds":
        return MOST_THREADS if figure == "threads" else MOST_CHILDREN
    try:
        import resource
    except ImportError:
        return None
    most, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return None if most == resource.RLIM_INFINITY else int((most - before) * SHARE)
