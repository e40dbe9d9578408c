"""Whether the growth of a process is worth a verdict: of most scopes it is not."""

from leakwatch import Report
from leakwatch.model import MemoryGrowth
from leakwatch_memory.split import base_of
from leakwatch_memory.trends import note_end

MIB = 1 << 20


def explain(report: Report, *, trim: bool) -> MemoryGrowth | None:
    """The memory of a report with its verdict, or None where there is nothing to say.

    Args:
        report: any report with figures.
        trim: whether to ask the allocator for what it keeps, which proves the slack.
    """
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
