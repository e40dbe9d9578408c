"""Reports of repeated scopes, added up by name: what a hunt counts in minutes, a service in days.

A worker writes one report for each task. Those of one task are its runs: survivors per run, and
the change of each of the process's figures within the scope, added up run by run. What other
tasks took in between is in theirs, and what is given back after the end of a run is not counted.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from leakwatch.compare.adding import added
from leakwatch.compare.in_flight import Course, lasting_shares, of_survivors
from leakwatch.errors import ReportFileError, quoted
from leakwatch.interpreter import count_into
from leakwatch.model import Leak, MemoryGrowth, MemorySample
from leakwatch.report import Report, largest_first

MOST_SAMPLES = 512
"""Beyond it every second sample is dropped, and the next ones are noted half as often."""
MOST_GROUPS = 500
"""A group takes 10 KB, and 470 KB with a full course: all of them stay below 256 MiB."""
MOST_NAMED = 4
"""Leaks of first runs that are named; the rest is counted."""
OFTEN = 0.5
"""Share of the runs that must have a figure. One without it counts as no change, so a slope may be
shown too small, never too large; the sum of a few would pass for that of all."""


def grouped(reports: Iterable[tuple[str, str, Report]]) -> dict[str, "Runs"]:
    """Reports by name, in the order in which the names came.

    Args:
        reports: each with the name of its group and of its process; they are not kept.

    Raises:
        ReportFileError: there are more than `MOST_GROUPS` names.
    """
    found: dict[str, Runs] = {}
    courses: dict[str, Course] = {}
    for name, process, report in reports:
        if name not in found:
            if len(found) >= MOST_GROUPS:
                raise ReportFileError(
                    f"more than {MOST_GROUPS:,} different names, {quoted(name)} is one more: a "
                    "scope is named after its task, without a number of the run; or add up with "
                    "--by file"
                )
            found[name] = Runs(name)
        found[name].add(report, process)
        courses.setdefault(process, Course()).add(report, found[name].measure)
    for course in courses.values():
        course.end()
    keep_what_lasts(found.values(), courses.values())
    return found


def keep_what_lasts(groups: Iterable["Runs"], courses: Iterable[Course]) -> None:
    """Take from the growth of runs without a leak what their processes have given back since."""
    innocent = []
    claimed, explained = Counter[str](), defaultdict[str, float](float)
    for runs in groups:
        if retained := runs.retained():
            for figure in runs.changes:
                explained[figure] += of_survivors(figure, runs.rises, runs.count, retained)
        else:
            innocent.append(runs)
            claimed += Counter(runs.changes)
    shares = lasting_shares(claimed, explained, courses)
    for runs in innocent:
        runs.shares = shares


class Runs:
    """The runs of one name.

    Args:
        name: of the group.

    Attributes:
        count: how many runs there were.
        shares: by figure, which part of the growth lasts; 1 where it is missing.
    """

    def __init__(self, name: str) -> None:
        self.count = 0
        self.shares: dict[str, float] = {}
        self._name = name
        self._processes: set[str] = set()
        self._leaks: dict[str, Leak] = {}
        self._repeated: set[str] = set()
        self._known: dict[str, Leak] = {}
        self._in_use: dict[str, Leak] = {}
        self._explained_share = 1.0
        self._partial: Counter[str] = Counter()
        self._not_judged: Counter[str] = Counter()
        self._notes: Counter[str] = Counter()
        self._memory = Sums()

    def add(self, report: Report, process: str) -> None:
        """Count one more run of a process."""
        self.count += 1
        if process in self._processes:
            self._repeated.update(leak.signature for leak in report.leaks)
        self._processes.add(process)
        for into, found in (
            (self._leaks, report.leaks),
            (self._known, report.known),
            (self._in_use, report.in_use),
        ):
            for leak in found:
                before = into.get(leak.signature)
                into[leak.signature] = leak if before is None else added(before, leak)
        self._explained_share = min(self._explained_share, report.explained_share)
        count_into(self._partial, filter(None, [report.partial]))
        count_into(self._not_judged, filter(None, [report.not_judged]))
        count_into(self._notes, report.notes)

    def measure(self, memory: MemoryGrowth) -> None:
        """Add the growth of the process in one more of the runs."""
        self._memory.add(memory)

    def retained(self) -> int:
        """Bytes that the survivors of all runs retain."""
        kinds = (self._leaks, self._known, self._in_use)
        return sum(leak.retained_bytes for kind in kinds for leak in kind.values())

    @property
    def rises(self) -> Mapping[str, tuple[int, int]]:
        """By figure, how many of the runs made it rise, and by how much all together."""
        return self._memory.rises

    @property
    def changes(self) -> Mapping[str, int]:
        """By how much each figure grew in all runs together."""
        return self._memory.sums

    def report(self) -> Report:
        """All runs as one report, in the form of a hunt: each leak with its growth per run.

        What only the first run of a process left behind is warm-up, and named in a note.
        """
        warm = self._leaks.keys() - self._repeated if self.count > len(self._processes) else set()
        leaks = {name: leak for name, leak in self._leaks.items() if name not in warm}
        return Report(
            scope=self._name,
            kind="hunt",
            leaks=self._per_run(leaks),
            known=self._per_run(self._known),
            in_use=self._per_run(self._in_use),
            memory=self._memory.growth(self.shares),
            explained_share=self._explained_share,
            partial=self._some(self._partial),
            not_judged=self._some(self._not_judged),
            notes=(
                f"added up from {self.count:,} runs",
                *warm_up([self._leaks[name] for name in sorted(warm)]),
                *noted(self._notes),
            ),
        )

    def _per_run(self, leaks: Mapping[str, Leak]) -> tuple[Leak, ...]:
        return largest_first(
            replace(leak, growth=round(leak.count / self.count, 4)) for leak in leaks.values()
        )

    def _some(self, reasons: Counter[str]) -> str | None:
        parts = [
            f"{number:,} of {self.count:,} runs: {why}" for why, number in reasons.most_common()
        ]
        return "; ".join(parts) or None


def warm_up(leaks: Sequence[Leak]) -> Iterator[str]:
    """Yield a note on what was left behind once, and by no later run."""
    if leaks:
        most = ", ".join(f"{leak.count} {leak.type_name}" for leak in leaks[:MOST_NAMED])
        more = f" and {len(leaks) - MOST_NAMED} more types" if len(leaks) > MOST_NAMED else ""
        yield f"left behind by the first run only, as a cache does: {most}{more}"


def noted(notes: Counter[str]) -> Iterator[str]:
    """Yield each note once, with the number of runs that have it."""
    for note, count in notes.items():
        yield note if count == 1 else f"{note} ({count:,} runs)"


class Sums:
    """The changes of the process's figures in run after run, added up.

    Attributes:
        sums: of all runs so far, by figure.
        rises: by figure, how many runs made it rise, and by how much all together.
    """

    def __init__(self) -> None:
        self._start: dict[str, int] = {}
        self.sums: Counter[str] = Counter()
        self.rises: dict[str, tuple[int, int]] = {}
        self._measured: Counter[str] = Counter()
        self._runs = 0
        self._every = 1
        self._samples: list[tuple[int, dict[str, int]]] = []

    def add(self, memory: MemoryGrowth) -> None:
        """Add what one run changed."""
        self._runs += 1
        for name, change in memory.change.items():
            self._start.setdefault(name, memory.start[name])
            self.sums[name] += change
            self._measured[name] += 1
            if change > 0:
                count, total = self.rises.get(name, (0, 0))
                self.rises[name] = (count + 1, total + change)
        if self._runs % self._every == 0:
            self._samples.append((self._runs, dict(self.sums)))
        if len(self._samples) > MOST_SAMPLES:
            self._samples = self._samples[1::2]
            self._every *= 2

    def growth(self, shares: Mapping[str, float]) -> MemoryGrowth | None:
        """The growth over all runs, its course in the samples; None if nothing was measured.

        Args:
            shares: by figure, which part of the growth lasts.
        """
        often = [name for name in self.sums if self._measured[name] >= OFTEN * self._runs]
        if not often:
            return None

        def after(sums: Mapping[str, int]) -> dict[str, int]:
            grown = {name: sums.get(name, 0) * shares.get(name, 1) for name in often}
            return {name: self._start[name] + round(change) for name, change in grown.items()}

        return MemoryGrowth(
            {name: self._start[name] for name in often},
            after(self.sums),
            # When it was is not in the reports.
            samples=tuple(MemorySample(0.0, run, after(sums)) for run, sums in self._samples),
        )
