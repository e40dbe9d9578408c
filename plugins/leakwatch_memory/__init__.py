"""Figures of the process beside its objects: resident and unique memory, heap, threads, files.

They answer the first question of every memory hunt: objects, native memory, or an allocator
that keeps what was freed? psutil reads them; it is imported when the first scope opens.
"""

from leakwatch import Report, hookimpl
from leakwatch.model import MemoryGrowth
from leakwatch_memory.figures import sample, unavailable
from leakwatch_memory.history import trends_of
from leakwatch_memory.sampler import Sampler
from leakwatch_memory.slope import theil_sen
from leakwatch_memory.story import describe, story
from leakwatch_memory.trimming import Trimmed, trim
from leakwatch_memory.verdicts import explain

__all__ = [
    "Sampler",
    "Trimmed",
    "describe",
    "sample",
    "story",
    "theil_sen",
    "trends_of",
    "trim",
    "unavailable",
]


@hookimpl
def leakwatch_sample_memory(thorough: bool) -> dict[str, int]:  # noqa: FBT001 - a hook
    """The figures that can be read here and now."""
    return sample(thorough=thorough)


@hookimpl
def leakwatch_explain_memory(report: Report, trim: bool) -> MemoryGrowth | None:  # noqa: FBT001 - a hook
    """What the growth is made of, in parts and in one word."""
    return explain(report, trim=trim)
