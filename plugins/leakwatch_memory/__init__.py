"""Figures of the process beside its objects: resident and unique memory, heap, threads, files.

They answer the first question of every memory hunt: objects, native memory, or an allocator
that keeps what was freed? psutil reads them; it is imported when the first scope opens.
"""

from leakwatch import hookimpl
from leakwatch_memory.figures import sample, unavailable
from leakwatch_memory.story import describe, story

__all__ = ["describe", "leakwatch_sample_memory", "sample", "story", "unavailable"]


@hookimpl
def leakwatch_sample_memory() -> dict[str, int]:
    """The figures that can be read here and now."""
    return sample()
