"""An answer that is no report but rows: as text, Markdown and JSON, also where it is cut short."""

import json
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from leakwatch.cli.messages import CLEAN, FAULT, INTERRUPTED, tell_times
from leakwatch.cli.output import STDOUT, print_out
from leakwatch.cli.terminal import working
from leakwatch.errors import ConfigurationError, quoted
from leakwatch.reports import files
from leakwatch.reports.wording import printable


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of an answer.

    Attributes:
        title: above it.
        columns: their headings; numbers stand to the right.
        rows: texts and numbers.
        values: the same as JSON.
    """

    title: str
    columns: tuple[str, ...]
    rows: list[tuple[Any, ...]]
    values: Any


def check_tables(chosen: str) -> None:
    """Refuse a format that is for reports only."""
    if chosen not in FORMATS:
        raise ConfigurationError(
            f"format {quoted(chosen)} shows reports only; use one of {', '.join(FORMATS)}"
        )


def deliver_tables(answer: Callable[[], Iterable[Table]], chosen: str, output: str | None) -> int:
    """Write an answer and give the exit code; Ctrl-C ends it with those tables that are known.

    Args:
        answer: gives the tables, one after the other.
        chosen: the format.
        output: a file's name; None or `-` is stdout.
    """
    check_tables(chosen)
    tables, code = known(answer)
    content = FORMATS[chosen](tables)
    if output in (None, STDOUT):
        code = code if print_out(content) else FAULT
    else:
        files.write(output, content, "the answer")
    tell_times()
    return code


def known(answer: Callable[[], Iterable[Table]]) -> tuple[list[Table], int]:
    """The tables of an answer, as far as it came, and the exit code."""
    found = []
    try:
        with working("", sys.__stderr__):
            for table in answer():
                found.append(table)  # noqa: PERF402 - what is there when Ctrl-C comes is kept
    except KeyboardInterrupt:
        reason = "interrupted before the whole answer was known"
        partial = Table("partial", ("",), [(f"partial: {reason}",)], reason)
        return [*found, partial], INTERRUPTED
    return found, CLEAN


def as_text(tables: Iterable[Table]) -> str:
    """Columns side by side."""
    return "\n".join(text_of(table) for table in tables)


def as_brief(tables: Iterable[Table]) -> str:
    """The rows alone."""
    return "".join(text_of(replace(table, columns=("",) * len(table.columns))) for table in tables)


def text_of(table: Table) -> str:
    """One table, numbers to the right and the last column as long as it is."""
    shown = [table.columns, *([*map(cell, row)] for row in table.rows)]
    widths = [max(map(len, column)) for column in zip(*shown, strict=True)]
    is_number = [all(map(is_figure, column)) for column in zip(*table.rows, strict=True)]
    lines = []
    for row in shown:
        cells = [
            text.rjust(width) if number else text.ljust(width)
            for text, width, number in zip(row, widths, is_number, strict=False)
        ]
        lines.append("  ".join(cells).rstrip())
    return "\n".join(line for line in lines if line) + "\n"


def is_figure(value: object) -> bool:
    """Whether a value is a number, or a text of one."""
    return type(value) is int or str(value)[:1] in {"+", "-"}


def cell(value: object) -> str:
    """A value of a row as text."""
    return f"{value:,}" if type(value) is int else printable(str(value))


def as_markdown(tables: Iterable[Table]) -> str:
    """Tables of Markdown."""
    parts = []
    for table in tables:
        rows = [table.columns, ["---"] * len(table.columns), *table.rows]
        lines = [
            "| " + " | ".join(cell(it).replace("|", "\\|") for it in row) + " |" for row in rows
        ]
        parts.append("\n".join(lines) + "\n")
    return "\n".join(parts)


def as_json(tables: Sequence[Table]) -> str:
    """An object with a member for each table."""
    return json.dumps({table.title: table.values for table in tables}, indent=2) + "\n"


FORMATS: dict[str, Callable[[Sequence[Table]], str]] = {
    "text": as_text,
    "markdown": as_markdown,
    "json": as_json,
    "brief": as_brief,
    "full": as_text,
}
