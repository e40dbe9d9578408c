"""Reports of many processes as one: the same signature is the same leak, whoever found it.

Reports are added one by one and not kept, so a stream of any length takes the memory that its
different leaks need.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from leakwatch.compare.adding import added, summed_settling, summed_where_both
from leakwatch.errors import ReportFileError
from leakwatch.model import Environment, Leak, MemoryGrowth, MemoryPart, Settling
from leakwatch.report import Report, largest_first

MOST_NAMED = 3
"""Scopes named in the name of the whole; the rest is counted."""
MOST_LEAKS = 20_000
"""Different leaks that are merged: one takes 2.2 KB, and nobody reads so many."""
MOST_SCOPES = 10_000
"""Different scopes that are kept apart."""
MOST_SAID = 50
"""Different notes, and different gaps, that are listed; the rest is counted."""
MOST_REASONS = 10
"""Different reasons that are listed for one leak."""


def combined(reports: Iterable[Report]) -> Report:
    """One report over all of them.

    Counts and sizes are summed, and the path is that of the process with the most survivors.
    `growth` is the largest of any process, for each repeats the work on its own. What is a leak
    in one of the reports is a leak of the whole, even if another one accepts it.

    Args:
        reports: at least one; they are not kept.

    Returns:
        the report; `partial` and `not_judged` name the reports that are so.

    Raises:
        ReportFileError: there are more than `MOST_LEAKS` different leaks, or no report.
    """
    whole = Whole()
    for report in reports:
        whole.add(report)
    if not whole.count:
        raise ReportFileError("there is no report to combine")
    return whole.report()


class Whole:
    """The sum of reports that are added one by one.

    Args:
        one: what each of the reports is of.
        many: the same in the plural.

    Attributes:
        count: how many were added.
    """

    def __init__(self, one: str = "report", many: str = "reports") -> None:
        self.count = 0
        self._nouns = one, many
        self._leaks = Findings()
        self._known = Findings()
        self._in_use = Findings()
        self._scopes = Sayings(MOST_SCOPES)
        self._kinds: set[str] = set()
        self._memory = Memory()
        self._explained_share = 1.0
        self._partial = Sayings(MOST_SAID)
        self._not_judged = Sayings(MOST_SAID)
        self._settling = Settling()
        self._notes = Sayings(MOST_SAID)
        self._environments: list[Environment] = []

    def add(self, report: Report) -> None:
        """Add one report.

        Raises:
            ReportFileError: that would be too many different leaks.
        """
        self.count += 1
        self._leaks.add(report.leaks)
        self._known.add(report.known)
        self._in_use.add(report.in_use)
        self._scopes.add([report.scope])
        self._kinds.add(report.kind)
        if report.memory is not None:
            self._memory.add(report.memory)
        self._explained_share = min(self._explained_share, report.explained_share)
        self._partial.add(gaps(report.scope, report.partial))
        self._not_judged.add(gaps(report.scope, report.not_judged))
        self._settling = summed_settling(self._settling, report.settling)
        self._notes.add(report.notes)
        if report.environment is not None and report.environment not in self._environments[:1]:
            self._environments[1:] = []
            self._environments.append(report.environment)

    def report(self) -> Report:
        """All of them as one report."""
        one, many = self._nouns
        total = f"{self.count} {one if self.count == 1 else many}"
        leaks = self._leaks.merged(total)
        accused = {leak.signature for leak in leaks}
        known = self._known.merged(total)
        return Report(
            scope=self._name(),
            # A mixture is what several programs left behind.
            kind=next(iter(self._kinds)) if len(self._kinds) == 1 else "run",
            leaks=leaks,
            known=tuple(leak for leak in known if leak.signature not in accused),
            in_use=self._in_use.merged(total),
            memory=self._memory.growth(),
            explained_share=self._explained_share,
            partial="; ".join(self._partial.listed("gap")) or None,
            not_judged="; ".join(self._not_judged.listed("gap")) or None,
            settling=self._settling,
            notes=(
                *([f"combined from {total}"] if self.count else []),
                *self._notes.listed_with_counts(),
            ),
            # What all were made on, if they do not differ.
            environment=self._environments[0] if len(self._environments) == 1 else None,
        )

    def _name(self) -> str:
        """The names of the scopes, each once, the first few of them in full."""
        known = list(self._scopes.counts)
        least = "more than " * bool(self._scopes.others)
        more = [f"{least}{len(known) - MOST_NAMED} more"] * (len(known) > MOST_NAMED)
        return ", ".join([*known[:MOST_NAMED], *more])


def gaps(scope: str, reason: str | None) -> list[str]:
    """What of a report is incomplete, with the name of where."""
    return [f"{scope}: {reason}"] if reason else []


class Sayings:
    """Sentences, each once with how often it came.

    Args:
        most: how many different ones are kept.

    Attributes:
        counts: by sentence, in the order in which they came.
        others: how often another one came when there were so many already.
    """

    def __init__(self, most: int) -> None:
        self.counts: Counter[str] = Counter()
        self.others = 0
        self._most = most

    def add(self, sentences: Iterable[str]) -> None:
        """Count sentences."""
        for sentence in sentences:
            if sentence in self.counts or len(self.counts) < self._most:
                self.counts[sentence] += 1
            else:
                self.others += 1

    def listed(self, noun: str) -> Iterator[str]:
        """Yield each sentence, and how many are left out."""
        yield from self.counts
        if self.others:
            yield f"and {self.others:,} more {noun}{'s' * (self.others > 1)}"

    def listed_with_counts(self) -> Iterator[str]:
        """Yield each note once, with the number of reports that have it."""
        for note, count in self.counts.items():
            yield note if count == 1 else f"{note} ({count} reports)"
        if self.others:
            yield f"and {self.others:,} more notes, which stand in the single reports"


class Findings:
    """Leaks of many reports by signature."""

    def __init__(self) -> None:
        self._by_signature: dict[str, Finding] = {}

    def add(self, leaks: Sequence[Leak]) -> None:
        """Add the leaks of one report.

        Raises:
            ReportFileError: there are too many different ones.
        """
        for leak in leaks:
            found = self._by_signature.get(leak.signature)
            if found is not None:
                found.add(leak)
                continue
            if len(self._by_signature) >= MOST_LEAKS:
                raise ReportFileError(
                    f"more than {MOST_LEAKS:,} different leaks, which is too many for one report; "
                    "combine the files of one program at a time"
                )
            self._by_signature[leak.signature] = Finding(leak)

    def merged(self, total: str) -> tuple[Leak, ...]:
        """The leaks, the largest first.

        Args:
            total: how many reports there were.
        """
        return largest_first(it.merged(total) for it in self._by_signature.values())


class Finding:
    """One leak in several reports.

    Args:
        leak: as it was found first.
    """

    __slots__ = ("_leak", "_most", "_reasons", "_reports")

    def __init__(self, leak: Leak) -> None:
        self._leak = leak
        self._most = leak.count
        self._reasons = Sayings(MOST_REASONS)
        self._reasons.add(leak.reasons)
        self._reports = 1

    def add(self, leak: Leak) -> None:
        """Add what another report has of it."""
        leading, other = (leak, self._leak) if leak.count > self._most else (self._leak, leak)
        growths = [it.growth for it in (leading, other) if it.growth is not None]
        self._leak = added(leading, other, growth=max(growths, default=None))
        self._most = max(self._most, leak.count)
        self._reasons.add(leak.reasons)
        self._reports += 1

    def merged(self, total: str) -> Leak:
        """The leak of all of them."""
        found = f"found in {self._reports} of {total}"
        return replace(self._leak, reasons=(*self._reasons.listed("reason"), found))


class Memory:
    """The growth of all processes together; the verdict is that of the one that grew most."""

    def __init__(self) -> None:
        self._start: dict[str, int] = {}
        self._end: dict[str, int] = {}
        self._parts: Counter[str] = Counter()
        self._leading: MemoryGrowth | None = None

    def add(self, memory: MemoryGrowth) -> None:
        """Add one process."""
        if self._leading is None:
            self._start, self._end = dict(memory.start), dict(memory.end)
        else:
            self._start = summed_where_both(self._start, memory.start)
            self._end = summed_where_both(self._end, memory.end)
        self._parts.update({part.name: part.size for part in memory.parts})
        if self._leading is None or resident(memory) > resident(self._leading):
            self._leading = memory

    def growth(self) -> MemoryGrowth | None:
        """The growth of all; None if no report has figures."""
        if self._leading is None:
            return None
        return MemoryGrowth(
            self._start,
            self._end,
            verdict=self._leading.verdict,
            evidence=tuple(f"in the process that grew most: {it}" for it in self._leading.evidence),
            parts=tuple(MemoryPart(name, size) for name, size in self._parts.most_common()),
            next=self._leading.next,
        )


def resident(memory: MemoryGrowth) -> int:
    """By how many bytes the process grew."""
    return memory.change.get("rss", 0)
