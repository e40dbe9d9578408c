"""Many runs at a glance: one row a name, with survivors, memory and a verdict.

Where a row leaks no objects the answer lies elsewhere, and below the table stands where.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from leakwatch.model import Leak, MemoryGrowth
from leakwatch.report import Report, count_objects
from leakwatch.reports.markdown import cell, escaped
from leakwatch.reports.memory import NOT_GROWING, WORTH_A_LINE, signed
from leakwatch.reports.text import MOST_SHOWN, leak_lines, printable_lines
from leakwatch.reports.wording import counted, size

SLACK = "allocator slack"
KEPT = "allocator keeps freed memory"
UNKNOWN = "memory not judged"
MOST_ROWS = 50
HEADS = ("runs", "survivors/run", "heap in use", "RSS", "verdict")
NUMBERS = frozenset({1, 4})
"""Columns that are set flush right."""
ADVICE = {
    "native": "`memray run --native` tells which C code allocates it",
    KEPT: "nothing leaks; MALLOC_ARENA_MAX=2 or psutil.heap_trim() after a burst gives it back",
    "mapped files": "files or libraries were mapped; the system takes those pages back",
    "undecided": "hunt in the task alone: `leakwatch hunt MODULE:FUNCTION`",
    UNKNOWN: "the reports hold too few figures; leakwatch_memory takes them",
}
"""What to do about growth that is not of objects."""


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the table: all runs of one name.

    Attributes:
        name: of the scope, the task or the file.
        runs: how many.
        report: all of them.
        leaks: the numbers of its leaks in the list below the table.
    """

    name: str
    runs: int
    report: Report
    leaks: range

    @property
    def verdict(self) -> str:
        """Where the growth comes from, in a word or a few."""
        beyond = beyond_objects(self.report.memory)
        if not self.leaks:
            return beyond
        number = self.leaks[0] if len(self.leaks) == 1 else f"{self.leaks[0]}-{self.leaks[-1]}"
        also = f"; {beyond}" if beyond in {"native", KEPT} else ""
        return f"object leak, see {number}{also}"

    @property
    def cells(self) -> tuple[str, ...]:
        """What the table says."""
        memory = self.report.memory
        resident = memory.change.get("rss") if memory else None
        return (
            self.name,
            f"{self.runs:,}",
            survivors(self.report.leaks),
            heap(memory, leaks=bool(self.leaks)),
            "" if resident is None else signed(resident),
            self.verdict,
        )


def beyond_objects(memory: MemoryGrowth | None) -> str:
    """The verdict on the memory; what the allocator keeps is named though it grows no more."""
    if memory is None or not memory.verdict:
        return UNKNOWN
    sizes = {part.name: part.size for part in memory.parts}
    largest = max(sizes, key=lambda name: sizes[name], default="")
    kept = largest == SLACK and sizes[SLACK] >= WORTH_A_LINE
    return KEPT if memory.verdict == NOT_GROWING and kept else memory.verdict


def survivors(leaks: Sequence[Leak]) -> str:
    """The number and type of the survivors of each run."""
    if not leaks:
        return "0"
    first = max(leaks, key=lambda leak: leak.growth or 0.0)
    more = f" +{len(leaks) - 1} more" if len(leaks) > 1 else ""
    return f"{first.growth or 0:.3g} {first.type_name.rpartition('.')[2]}{more}"


def heap(memory: MemoryGrowth | None, *, leaks: bool) -> str:
    """The growth of malloc's memory in use with each run.

    A verdict that nothing grows tells noise from a slope, but not where objects leak into memory
    that the process had already.
    """
    trend = next((it for it in memory.trends if it.figure == "heap"), None) if memory else None
    if trend is None:
        return ""
    grows = leaks or (memory is not None and memory.verdict != NOT_GROWING)
    return f"{signed(round(trend.slope))}/run" if grows and trend.low > 0 else "flat"


def rows_of(reports: Mapping[str, tuple[int, Report]]) -> list[Row]:
    """A row for each name, those with leaks first, then by the growth of resident memory.

    Args:
        reports: by name, the number of runs and their report.
    """

    def urgency(item: tuple[str, tuple[int, Report]]) -> tuple[bool, int, str]:
        name, (_, report) = item
        resident_growth = report.memory.change.get("rss", 0) if report.memory else 0
        return report.ok, -resident_growth, name

    found, number = [], 1
    for name, (runs, report) in sorted(reports.items(), key=urgency):
        found.append(Row(name, runs, report, range(number, number + len(report.leaks))))
        number += len(report.leaks)
    return found


def as_text(rows: Sequence[Row], noun: str) -> str:
    """The table, then every leak in full.

    Args:
        rows: at least one.
        noun: what a row is: `task`, `scope`, `file`.
    """
    return printable_lines(text_lines(rows, noun)) + "\n"


def text_lines(rows: Sequence[Row], noun: str) -> Iterator[str]:
    """Every line of the text."""
    yield verdict(rows, noun)
    yield ""
    yield from columns([(noun, *HEADS), *(row.cells for row in rows[:MOST_ROWS])])
    yield from footer(rows, noun)
    for number, leak in shown(rows):
        yield ""
        yield from leak_lines(number, leak)


def as_markdown(rows: Sequence[Row], noun: str) -> str:
    """The table, and where each leak is held.

    Args:
        rows: at least one.
        noun: what a row is.
    """
    return "\n".join(markdown_lines(rows, noun)) + "\n"


def markdown_lines(rows: Sequence[Row], noun: str) -> Iterator[str]:
    """Every line of the Markdown."""
    yield f"## {escaped(verdict(rows, noun))}"
    yield ""
    yield f"| {' | '.join((noun, *HEADS))} |"
    yield "|" + "|".join("--:" if it in NUMBERS else "---" for it in range(1 + len(HEADS))) + "|"
    for row in rows[:MOST_ROWS]:
        yield f"| {cell(row.name)} | {' | '.join(map(escaped, row.cells[1:]))} |"
    for line in filter(None, footer(rows, noun)):
        yield f"\n{escaped(line)}"
    for number, leak in shown(rows):
        yield f"\n{number}. {cell(leak.type_name)} held by {cell(leak.path.expression)}"


def verdict(rows: Sequence[Row], noun: str) -> str:
    """The answer in one line."""
    leaks = [leak for row in rows for leak in row.report.leaks]
    runs = sum(row.runs for row in rows)
    place = f"in {counted(runs, 'run')} of {counted(len(rows), noun)}"
    if not leaks:
        return f"leakwatch: no leaks {place}"
    held = size(sum(leak.retained_bytes for leak in leaks))
    objects = counted(count_objects(leaks), "object")
    return f"leakwatch: {counted(len(leaks), 'leak')} {place}: {objects}, {held} retained"


def columns(rows: Sequence[tuple[str, ...]]) -> Iterator[str]:
    """Cells in columns; the last one is as long as it wants to be."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        yield "  ".join(
            said.rjust(width) if place in NUMBERS else said.ljust(width)
            for place, (said, width) in enumerate(zip(row, widths, strict=True))
        )


def footer(rows: Sequence[Row], noun: str) -> Iterator[str]:
    """What is not in the table, and what to do where no object leaks."""
    if len(rows) > MOST_ROWS:
        yield f"and {counted(len(rows) - MOST_ROWS, 'more ' + noun)}"
    innocent = [row for row in rows if not row.leaks]
    yield ""
    if innocent:
        yield f"{len(innocent)} of {counted(len(rows), noun)} leak no Python objects"
    said = {row.verdict for row in innocent}
    yield from (f"  {word}: {advice}" for word, advice in ADVICE.items() if word in said)
    for row in rows[:MOST_ROWS]:
        for reason in filter(None, (row.report.not_judged, row.report.partial)):
            yield f"  {row.name}, not all judged: {reason}"
        # The first note is the number of runs, which has its column.
        yield from (f"  {row.name}: {note}" for note in row.report.notes[1:])


def shown(rows: Sequence[Row]) -> Iterator[tuple[int, Leak]]:
    """The leaks that are shown in full, each with its number."""
    leaks = [leak for row in rows for leak in row.report.leaks]
    yield from enumerate(leaks[:MOST_SHOWN], 1)


TABLES: Mapping[str, Callable[[Sequence[Row], str], str]] = {
    "text": as_text,
    "markdown": as_markdown,
}
"""The formats in which there is a table."""
