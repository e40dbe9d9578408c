"""Reports of many processes as one: the same signature is the same leak, whoever found it."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace

from leakwatch.model import Environment, Leak, MemoryGrowth, MemoryPart, Settling
from leakwatch.report import Report, largest_first

MOST_NAMED = 3
"""Scopes named in the name of the whole; the rest is counted."""


def combined(reports: Sequence[Report]) -> Report:
    """One report over all of them.

    Counts and sizes are summed, and the path is that of the process with the most survivors.
    `growth` is the largest of any process, for each repeats the work on its own. What is a leak
    in one of the reports is a leak of the whole, even if another one accepts it.

    Args:
        reports: at least one.

    Returns:
        the report; `partial` and `not_judged` name the reports that are so.
    """
    total = len(reports)
    leaks = merged((report.leaks for report in reports), total)
    accused = {leak.signature for leak in leaks}
    known = merged((report.known for report in reports), total)
    return Report(
        scope=names(report.scope for report in reports),
        kind=kind_of(reports),
        leaks=leaks,
        known=tuple(leak for leak in known if leak.signature not in accused),
        in_use=merged((report.in_use for report in reports), total),
        memory=summed([report.memory for report in reports if report.memory is not None]),
        explained_share=min(report.explained_share for report in reports),
        partial=gaps((report.scope, report.partial) for report in reports),
        not_judged=gaps((report.scope, report.not_judged) for report in reports),
        settling=Settling(
            sum(report.settling.collections for report in reports),
            sum(report.settling.waited for report in reports),
        ),
        notes=(f"combined from {total} reports", *counted_notes(reports)),
        environment=common(report.environment for report in reports),
    )


def common(found: Iterable[Environment | None]) -> Environment | None:
    """What all were made on, those aside that do not say; None if they differ."""
    known = [environment for environment in found if environment is not None]
    return known[0] if known and all(it == known[0] for it in known) else None


def merged(found: Iterable[Sequence[Leak]], total: int) -> tuple[Leak, ...]:
    """Leaks of many reports by signature, the largest first."""
    by_signature: dict[str, list[Leak]] = {}
    for leaks in found:
        for leak in leaks:
            by_signature.setdefault(leak.signature, []).append(leak)
    return largest_first(merged_leak(same, total) for same in by_signature.values())


def merged_leak(same: Sequence[Leak], total: int) -> Leak:
    """One leak from the findings of several processes."""
    growths = [leak.growth for leak in same if leak.growth is not None]
    reasons = dict.fromkeys(reason for leak in same for reason in leak.reasons)
    return replace(
        max(same, key=lambda leak: leak.count),
        count=sum(leak.count for leak in same),
        growth=max(growths, default=None),
        shallow_bytes=sum(leak.shallow_bytes for leak in same),
        retained_bytes=sum(leak.retained_bytes for leak in same),
        reasons=(*reasons, f"found in {len(same)} of {total} reports"),
    )


def names(scopes: Iterable[str]) -> str:
    """The names of the scopes, each once, the first few of them in full."""
    known = list(dict.fromkeys(scopes))
    more = [f"{len(known) - MOST_NAMED} more"] * (len(known) > MOST_NAMED)
    return ", ".join([*known[:MOST_NAMED], *more])


def kind_of(reports: Sequence[Report]) -> str:
    """The kind that all have; a mixture is what several programs left behind."""
    kinds = {report.kind for report in reports}
    return kinds.pop() if len(kinds) == 1 else "run"


def gaps(found: Iterable[tuple[str, str | None]]) -> str | None:
    """What is incomplete, with the names of where; None if nothing is."""
    told = dict.fromkeys(f"{scope}: {reason}" for scope, reason in found if reason)
    return "; ".join(told) or None


def counted_notes(reports: Sequence[Report]) -> Iterable[str]:
    """The notes, each once, with the number of reports that have it."""
    counts = Counter(note for report in reports for note in report.notes)
    return [note if count == 1 else f"{note} ({count} reports)" for note, count in counts.items()]


def summed(memories: Sequence[MemoryGrowth]) -> MemoryGrowth | None:
    """The growth of all processes together; the verdict is that of the one that grew most."""
    if not memories:
        return None
    leading = max(memories, key=lambda memory: memory.change.get("rss", 0))
    return MemoryGrowth(
        totals(memory.start for memory in memories),
        totals(memory.end for memory in memories),
        verdict=leading.verdict,
        evidence=tuple(f"in the process that grew most: {said}" for said in leading.evidence),
        parts=summed_parts(memories),
    )


def totals(figures: Iterable[dict[str, int]]) -> dict[str, int]:
    """The sums of the figures that every process has."""
    known = list(figures)
    shared = set.intersection(*map(set, known))
    return {name: sum(each[name] for each in known) for name in known[0] if name in shared}


def summed_parts(memories: Sequence[MemoryGrowth]) -> tuple[MemoryPart, ...]:
    """The parts of all growths, by name."""
    sizes: Counter[str] = Counter()
    for memory in memories:
        sizes.update({part.name: part.size for part in memory.parts})
    return tuple(MemoryPart(name, size) for name, size in sizes.most_common())
