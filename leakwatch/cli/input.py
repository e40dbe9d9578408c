"""Reports that a command reads: from files, and where `-` stands for one, from stdin."""

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress

from leakwatch.errors import ReportFileError
from leakwatch.report import Report
from leakwatch.reports import files, json_
from leakwatch.reports.jsonl import Reader, load_all

STDIN = "-"
WHERE = "stdin"


def report_in(file: str) -> Report:
    """The report in a file.

    Raises:
        ReportFileError: it cannot be read, or is no report.
    """
    return json_.parse(text_of_stdin(), WHERE) if file == STDIN else Report.load(file)


def reports_in(file: str, warn: Callable[[str], None]) -> Iterator[Report]:
    """The reports in a file, one at a time; in stdin too there may be one in each line.

    Args:
        file: its name.
        warn: called with a last line that was cut off.

    Raises:
        ReportFileError: it cannot be read, or is no report.
    """
    if file != STDIN:
        yield from load_all(file, warn)
        return
    text = text_of_stdin()
    if not has_a_report_in_each_line(text):
        yield json_.parse(text, WHERE)
        return
    reader = Reader()
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip():
            try:
                yield reader.report_from(line)
            except json_.RefusedError as error:
                raise ReportFileError(f"{WHERE}: line {number}: {error}") from None


def text_of_stdin() -> str:
    """All of stdin.

    Raises:
        ReportFileError: it is closed, too large or no text.
    """
    try:
        content: bytes = sys.__stdin__.buffer.read(files.LARGEST + 1)  # type: ignore[union-attr, assignment]
    except (AttributeError, ValueError, OSError):
        raise ReportFileError(f"{WHERE} is closed; expected a report") from None
    files.check_size(content, WHERE, "a report")
    return files.decoded(content, WHERE, "a report")


def has_a_report_in_each_line(text: str) -> bool:
    """Whether the first line of several is a whole document."""
    first, _, rest = text.partition("\n")
    if rest.strip():
        with suppress(ValueError, RecursionError):
            return type(json.loads(first)) is dict
    return False
