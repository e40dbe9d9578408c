"""Many runs at a glance: one row a name, with survivors, memory and a verdict.

Where a row leaks no objects the answer lies elsewhere, and below the table stands where.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from leakwatch.model import Leak, MemoryGrowth
from leakwatch.report import Report
from leakwatch.reports.columns import columns
from leakwatch.reports.markdown import cell, escaped
from leakwatch.reports.memory import BEYOND_OBJECTS, NOT_GROWING, WORTH_A_LINE
from leakwatch.reports.text import MOST_SHOWN, amount, leak_lines, printable_lines
from leakwatch.reports.wording import counted, signed, size

SLACK = "allocator slack"
KEPT = "allocator keeps freed memory"
UNKNOWN = "memory not judged"
MOST_ROWS = 50
HEADS = ("runs", "survivors/run", "heap in use", "RSS", "on devices", "verdict")
NUMBERS = frozenset({"runs", "RSS", "on devices"})
"""Columns that are set flush right."""
ADVICE = {
    "native": "`memray run --native` tells which C code allocates it",
    KEPT: "nothing leaks; MALLOC_ARENA_MAX=2 or psutil.heap_trim() after a burst gives it back",
    "mapped files": "files or libraries were mapped; the system takes those pages back",
    "undecided": "hunt in the task alone: `leakwatch hunt MODULE:FUNCTION`",
    UNKNOWN: "the reports hold too few figures; leakwatch_memory takes them",
}
"""What to do about growth that is not of objects, where the verdict comes without advice."""
BESIDE_LEAKS = BEYOND_OBJECTS | {KEPT}
"""Verdicts that are told beside a leak of objects."""


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
        also = f"; {beyond}" if beyond in BESIDE_LEAKS else ""
        return f"object leak, see {number}{also}"

    @property
    def advice(self) -> str:
        """What to do about the verdict where no object leaks; may be empty."""
        memory = self.report.memory
        given = memory.next if memory is not None and memory.verdict == self.verdict else ""
        return given or ADVICE.get(self.verdict, "")

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
            size(self.on_devices) if self.on_devices else "",
            self.verdict,
        )

    @property
    def on_devices(self) -> int:
        """Bytes of devices that its leaks have."""
        return sum(leak.device_bytes for leak in self.report.leaks)


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
    return f"{signed(round(trend.slope))}/run" if grows and trend.rises else "flat"


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
    yield from columns(list(table(rows, noun)), NUMBERS)
    yield from footer(rows, noun)
    for number, leak in shown(rows):
        yield ""
        yield from leak_lines(number, leak)


def table(rows: Sequence[Row], noun: str) -> Iterator[tuple[str, ...]]:
    """The heads of the columns, then the cells of the rows; without a column that says nothing."""
    heads = (noun, *HEADS)
    left_out = () if any(row.on_devices for row in rows) else ("on devices",)
    for line in (heads, *(row.cells for row in rows[:MOST_ROWS])):
        cells = zip(heads, line, strict=True)
        yield tuple(said for head, said in cells if head not in left_out)


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
    heads, *lines = table(rows, noun)
    yield f"| {' | '.join(heads)} |"
    yield "|" + "|".join("--:" if head in NUMBERS else "---" for head in heads) + "|"
    for name, *cells in lines:
        yield f"| {cell(name)} | {' | '.join(map(escaped, cells))} |"
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
    return f"leakwatch: {counted(len(leaks), 'leak')} {place}: {amount(leaks)}"


def footer(rows: Sequence[Row], noun: str) -> Iterator[str]:
    """What is not in the table, and what to do where no object leaks."""
    if len(rows) > MOST_ROWS:
        yield f"and {counted(len(rows) - MOST_ROWS, 'more ' + noun)}"
    innocent = [row for row in rows if not row.leaks]
    yield ""
    if innocent:
        yield f"{len(innocent)} of {counted(len(rows), noun)} leak no Python objects"
    advice = {row.verdict: row.advice for row in innocent if row.advice}
    order = dict.fromkeys((*ADVICE, *advice))
    yield from (f"  {word}: {advice[word]}" for word in order if word in advice)
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
