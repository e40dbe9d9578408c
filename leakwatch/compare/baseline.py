"""The baseline: leaks that a project has, and that fail nothing as long as they do not grow.

A leak is found again by its signature. What repeated work left behind is compared by its
growth per run, for the number of runs depends on the machine; all else by its count.
"""

from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from leakwatch.model import Leak
from leakwatch.report import Report

UNEXAMINED = "not examined yet"
"""The reason of an entry that nobody gave one for."""
MOST_NAMED = 10
"""Entries named in one note; the rest is counted."""


@dataclass(frozen=True, slots=True)
class Accepted:
    """One entry of a baseline.

    Attributes:
        signature: 12 hexadecimal digits.
        type_name: `module.qualname` of the survivors, for the reader; the signature decides.
        count: how many survivors are accepted.
        reason: why.
        growth: survivors per run that are accepted, where the leak was found by repetition.
        expires: the last day on which it is accepted, or None.
        scope: name of the scope, work or program that it was found in; elsewhere nobody misses
            it. Empty where it should be found everywhere.
        held_by: how one of the survivors was held when the entry was written, for the reader.
        advice: what to do about it, for the reader: code of the mistake and the remedy.
    """

    signature: str
    type_name: str
    count: int
    reason: str
    growth: float | None = None
    expires: date | None = None
    scope: str = ""
    held_by: str = field(default="", compare=False)
    advice: str = field(default="", compare=False)

    def has_expired(self, today: date) -> bool:
        """Whether it is accepted no more."""
        return self.expires is not None and today > self.expires

    def excess(self, leak: Leak) -> str:
        """By what the leak is larger than what is accepted, in words; empty if it is not."""
        if leak.growth is not None and self.growth is not None:
            # Shares of a run are rounded, for the number of runs is not the same on each machine.
            if round(leak.growth, 2) <= round(self.growth, 2):
                return ""
            return f"the baseline accepts {self.growth:g} per run, found {leak.growth:g}"
        if leak.count <= self.count:
            return ""
        return f"the baseline accepts {self.count:,}, found {leak.count:,}"

    def __str__(self) -> str:
        return f"{self.signature} ({self.type_name})"


@dataclass(frozen=True, slots=True)
class Comparison:
    """What a baseline makes of the leaks of a run.

    Attributes:
        new: leaks that it has not.
        grown: leaks that it has, and that are larger than it accepts, each with how.
        expired: leaks that it has no longer, with the entry that is over.
        accepted: leaks that it accepts, with the entry.
        stale: entries without a leak.
    """

    new: tuple[Leak, ...] = ()
    grown: tuple[tuple[Leak, str], ...] = ()
    expired: tuple[tuple[Leak, Accepted], ...] = ()
    accepted: tuple[tuple[Leak, Accepted], ...] = ()
    stale: tuple[Accepted, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether every leak is accepted."""
        return not (self.new or self.grown or self.expired)


@dataclass(frozen=True, slots=True)
class Baseline:
    """Accepted leaks, in the order of their file.

    Attributes:
        entries: the accepted leaks, each signature once.
        name: of the file, for messages; empty where there is none.
    """

    entries: tuple[Accepted, ...] = ()
    name: str = ""

    def by_signature(self) -> dict[str, Accepted]:
        """The entries by their signatures."""
        return {entry.signature: entry for entry in self.entries}

    def compare(
        self, leaks: Iterable[Leak], others: Iterable[Leak], scopes: Container[str]
    ) -> Comparison:
        """Sort leaks by what the baseline says of them.

        Args:
            leaks: what counts as a leak without the baseline.
            others: leaks that are known otherwise; they only keep their entries from being stale.
            scopes: names of what was watched; entries of other scopes are not missed.
        """
        new: list[Leak] = []
        grown: list[tuple[Leak, str]] = []
        expired: list[tuple[Leak, Accepted]] = []
        accepted: list[tuple[Leak, Accepted]] = []
        met = {leak.signature for leak in others}
        entries, today = self.by_signature(), local_today()
        for leak in leaks:
            met.add(leak.signature)
            entry = entries.get(leak.signature)
            if entry is None:
                new.append(leak)
            elif entry.has_expired(today):
                expired.append((leak, entry))
            elif excess := entry.excess(leak):
                grown.append((leak, excess))
            else:
                accepted.append((leak, entry))
        stale = tuple(
            it
            for it in self.entries
            if it.signature not in met and (not it.scope or it.scope in scopes)
        )
        return Comparison(tuple(new), tuple(grown), tuple(expired), tuple(accepted), stale)

    def applied(self, report: Report, *, whole: bool = True) -> Report:
        """The report with accepted leaks among the known ones.

        Args:
            report: a run's leaks, none of them accepted by this baseline yet.
            whole: whether the run is one that should find all; else no entry is called stale.
        """
        if not self.entries:
            return report
        found = self.compare(report.leaks, report.known, {report.scope})
        known = [with_reason(leak, f"in the baseline: {it.reason}") for leak, it in found.accepted]
        refused = {leak.signature: with_reason(leak, said) for leak, said in refusals(found)}
        accepted = {leak.signature for leak in known}
        leaks = (refused.get(leak.signature, leak) for leak in report.leaks)
        whole = whole and not (report.partial or report.not_judged)
        return replace(
            report,
            leaks=tuple(leak for leak in leaks if leak.signature not in accepted),
            known=(*report.known, *known),
            notes=(*report.notes, *(self.stale_notes(found.stale) if whole else ())),
        )

    def stale_notes(self, stale: Sequence[Accepted]) -> Iterator[str]:
        """Yield one note that names the entries without a leak, if there are any."""
        if stale:
            names = ", ".join(map(str, stale[:MOST_NAMED]))
            more = f" and {len(stale) - MOST_NAMED:,} more" if len(stale) > MOST_NAMED else ""
            yield (
                f"no longer found, though {self.name or 'the baseline'} has it: {names}{more}; "
                "`leakwatch baseline --prune REPORT` takes it out"
            )


def refusals(found: Comparison) -> Iterator[tuple[Leak, str]]:
    """Yield each leak that has an entry and is not accepted, with the reason."""
    yield from found.grown
    for leak, entry in found.expired:
        yield leak, f"the baseline accepted it until {entry.expires}: {entry.reason}"


def with_reason(leak: Leak, reason: str) -> Leak:
    """The leak with one more thing that the reader should know."""
    return replace(leak, reasons=(*leak.reasons, reason))


def local_today() -> date:
    """The date of today where the program runs, as its users have it on their calendar."""
    return date.today()  # noqa: DTZ011


def compare(baseline: Baseline, reports: Sequence[Report]) -> Comparison:
    """What a baseline makes of reports, of whatever they say it had accepted at their time."""
    leaks = largest(reports, baseline)
    others = [leak for report in reports for leak in report.known]
    return baseline.compare(leaks, others, {report.scope for report in reports})


def largest(reports: Sequence[Report], baseline: Baseline) -> list[Leak]:
    """The leaks that are in the reports or accepted in them, each as large as it was found."""
    found: dict[str, Leak] = {}
    entries = baseline.by_signature()
    for report in reports:
        accepted = [leak for leak in report.known if leak.signature in entries]
        for leak in (*report.leaks, *accepted):
            known = found.setdefault(leak.signature, leak)
            found[leak.signature] = max(known, leak, key=lambda it: (it.growth or 0, it.count))
    return list(found.values())


def written(baseline: Baseline, reports: Sequence[Report], reason: str = UNEXAMINED) -> Baseline:
    """The baseline with an entry for every leak, as large as the leak.

    What is there keeps its place, its reason and its date; new entries follow behind. An
    expired entry is not renewed: its date was set so that somebody looks again.
    """
    found = {leak.signature: leak for leak in largest(reports, baseline)}
    old = [enlarged(it, found.pop(it.signature, None)) for it in baseline.entries]
    scopes = {leak.signature: report.scope for report in reports for leak in report.leaks}
    new = [entry_for(leak, reason, scopes[leak.signature]) for leak in found.values()]
    return replace(baseline, entries=(*old, *new))


def entry_for(leak: Leak, reason: str, scope: str) -> Accepted:
    """A new entry, with what a reviewer needs to see what is accepted."""
    return Accepted(
        leak.signature,
        leak.type_name,
        leak.count,
        reason,
        leak.growth,
        scope=scope,
        held_by=leak.path.expression,
        advice=f"{leak.pattern.code}: {leak.pattern.fix}" if leak.pattern else "",
    )


def enlarged(entry: Accepted, leak: Leak | None) -> Accepted:
    """The entry, large enough for the leak; it goes on measuring as it did."""
    if leak is None or not entry.excess(leak):
        return entry
    growth = entry.growth and leak.growth
    return replace(entry, count=max(entry.count, leak.count), growth=growth)


def pruned(baseline: Baseline, reports: Sequence[Report]) -> Baseline:
    """The baseline without stale entries, each of the others no larger than its leak."""
    stale = set(compare(baseline, reports).stale)
    found = {leak.signature: leak for leak in largest(reports, baseline)}
    kept = [reduced(it, found.get(it.signature)) for it in baseline.entries if it not in stale]
    return replace(baseline, entries=tuple(kept))


def reduced(entry: Accepted, leak: Leak | None) -> Accepted:
    """The entry, no larger than the leak."""
    if leak is None:
        return entry
    if entry.growth is None or leak.growth is None:
        return replace(entry, count=min(entry.count, leak.count))
    # Of repeated work the count depends on the number of runs and says nothing.
    return replace(entry, growth=min(entry.growth, leak.growth))
