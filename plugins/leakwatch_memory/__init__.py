"""Figures of the process beside its objects: resident and unique memory, heap, threads, files.

They answer the first question of every memory hunt: objects, native memory, or an allocator
that keeps what was freed? Linux and glibc tell most of them; psutil, which is imported where it
is needed, tells the others, and all on other systems.

PYTEST_DONT_REWRITE: imported before pytest or after, this package is the same.
"""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from leakwatch import Report, hookimpl
from leakwatch.extending import names_from
from leakwatch.model import MemoryGrowth, MemorySample
from leakwatch_memory.figures import Trimmed, base_of, sample, trim, unavailable
from leakwatch_memory.trends import note_end, note_start, theil_sen, trends_of

if TYPE_CHECKING:
    from leakwatch_memory.sampler import Sampler
    from leakwatch_memory.summary import describe, story

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

__getattr__ = names_from(
    {"Sampler": "sampler", "describe": "summary", "story": "summary"}, globals()
)

MIB = 1 << 20


@hookimpl
def leakwatch_scope_opened(name: str) -> None:
    """Most scopes of a name may go without figures; a slope per run counts those too."""
    note_start(name)


@hookimpl
def leakwatch_sample_memory(thorough: bool) -> dict[str, int]:  # noqa: FBT001 - a hook
    """The figures that can be read here and now."""
    return sample(thorough=thorough)


class Background:
    """The sampler that a run asked for.

    Attributes:
        sampler: at work, or None.
    """

    sampler: "Sampler | None" = None


@hookimpl
def leakwatch_start_sampler(interval: float, counts: Mapping[str, Callable[[], int]]) -> None:
    """Start a thread that samples, with the counts of leakwatch in each sample."""
    from leakwatch_memory.sampler import Sampler

    Background.sampler = Sampler(interval, also=counts)
    Background.sampler.start()


@hookimpl
def leakwatch_stop_sampler() -> tuple[MemorySample, ...] | None:
    """End that thread; gives what it sampled."""
    sampler, Background.sampler = Background.sampler, None
    if sampler is None:
        return None
    sampler.stop()
    return sampler.samples


@hookimpl
def leakwatch_explain_memory(report: Report, trim: bool) -> MemoryGrowth | None:  # noqa: FBT001 - a hook
    """What the growth is made of, in parts and in one word; of most scopes it is not worth one."""
    memory = report.memory
    if memory is None:
        return None
    if report.kind == "scope":
        note_end(report.scope, memory.end)
    change = memory.change
    grown = change.get(base_of(change))
    repeated = report.kind == "hunt" and bool(memory.samples)
    if grown is None or (grown < MIB and not repeated):
        return None
    from leakwatch_memory.verdicts import judged

    return judged(report, memory, trim=trim, repeated=repeated)
