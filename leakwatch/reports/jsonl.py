"""Reading files that may hold many reports: one in each line (JSON Lines), or one in all."""

import os
from collections.abc import Callable, Iterator

from leakwatch.errors import ReportFileError, shown_path
from leakwatch.report import Report
from leakwatch.reports import files, json_
from leakwatch.reports.short_lines import Reader

SUFFIX = ".jsonl"


def load_all(path: files.Path, warn: Callable[[str], None]) -> Iterator[Report]:
    """The reports in a file, one at a time.

    Args:
        path: of a report, or with the suffix `.jsonl` of a stream of them.
        warn: is told of a last line that was cut off, which is what a killed process leaves.

    Raises:
        ReportFileError: the file cannot be read, or another line is no report.
    """
    if os.path.splitext(os.fspath(path))[1].lower() != SUFFIX:
        yield json_.parse(files.read(path), shown_path(path))
        return
    reader = Reader()
    for number, line, whole in files.lines(path):
        where = f"{shown_path(path)}: line {number}"
        if not line.strip():
            continue
        try:
            yield json_.parse_line(line, where, reader.report_from)
        except ReportFileError as error:
            if whole:
                raise
            warn(f"{str(error).removesuffix(json_.DROP)}this last line is left out")
