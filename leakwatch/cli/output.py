"""Where a report goes: to stdout, or into a file with its verdict on stderr."""

import argparse
import errno
import os
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress

from leakwatch.cli.level import add_level, at_level
from leakwatch.cli.messages import (
    CLEAN,
    FAULT,
    LEAKS,
    complain,
    exit_code,
    remark,
    say,
    say_all,
    tell_times,
)
from leakwatch.cli.parsing import add_options
from leakwatch.cli.program import current_folder
from leakwatch.cli.terminal import dressed
from leakwatch.config import Config
from leakwatch.errors import ConfigurationError, ReportFileError, did_you_mean, quoted, shown_path
from leakwatch.report import Report
from leakwatch.reports import files
from leakwatch.reports.text import render, verdict
from leakwatch.reports.wording import encodable
from leakwatch.session import presenter
from leakwatch.stages import Stage, begins

STDOUT = "-"
PID = "{pid}"
"""In the name of a file: the number of the process, so that each has a file of its own."""
JOINABLE = frozenset({"text", "brief", "full", "markdown", "jsonl", "github"})
"""Formats of which several reports make one document, one behind the other."""
LINES = frozenset({"brief", "jsonl", "github"})
"""Those in which a line stands for itself, and an empty one between them would be wrong."""

DRESSED = frozenset({"text", "full"})
"""Those that a terminal gets in colour and in lines that fit."""


def add_output(parser: argparse.ArgumentParser) -> None:
    """Add the arguments that say where a report goes and in which format."""
    parser.add_argument(
        "-o",
        "--output",
        metavar="FILE",
        help="write the report to this file instead of stdout; its suffix decides the format "
        "unless --format is given; `-` is stdout",
    )
    add_options(parser, "format")
    add_level(parser)


def format_for(config: Config, output: str | None) -> str:
    """The format to write, checked before any work is done.

    Raises:
        ConfigurationError: there is no such format.
        ReportFileError: the file's suffix names no format, or its folder does not exist.
    """
    by_flag = config.sources.get("format", "").startswith("flag")
    if output in (None, STDOUT) or by_flag:
        chosen = known_format(config)
        if output not in (None, STDOUT):
            check_folder(output)
    else:
        check_folder(output)
        chosen = presenter().format_of(output)
    return at_level(chosen)


def known_format(config: Config) -> str:
    """The format that an option names."""
    names = presenter().names()
    if config.format not in names:
        raise ConfigurationError(
            f"{config.sources.get('format', 'format')}: no format {quoted(config.format)}"
            f"{did_you_mean(config.format, set(names))}"
        )
    return config.format


def check_folder(output: str) -> None:
    """Refuse a file that cannot be written now, and not after an hour's run."""
    folder = os.path.dirname(os.path.abspath(output))
    if not os.path.isdir(folder):
        raise ReportFileError(
            f"{shown_path(output)}: there is no folder {shown_path(folder)}; create it first"
        )
    if os.path.isdir(os.path.abspath(output)):
        raise ReportFileError(f"{shown_path(output)}: it is a folder; give the name of a file")


def path_from(output: str | None, folder: str) -> str | None:
    """A path that was given in a folder, as it is from where the program has gone meanwhile."""
    if output in (None, STDOUT) or current_folder() == folder:
        return output
    return os.path.join(folder, output)


def deliver(reports: Sequence[Report], chosen: str, output: str | None) -> int:
    """Write reports and give the exit code that they mean.

    Args:
        reports: one, or several of a format that can be joined.
        chosen: the format.
        output: a file's name; None or `-` is stdout.

    Returns:
        0 clean, 1 leaks, 3 not judged, or it could not be written; the text is then on stderr.
    """
    between = "" if chosen in LINES else "\n"
    begins(Stage.WRITE)
    try:
        content = between.join(presenter().render(report, chosen) for report in reports)
    except ReportFileError as error:
        # Of a renderer: an hour's run is not lost with it.
        complain(str(error))
        say_all("\n".join(map(render, reports)))
        return FAULT
    if not write_document(content, chosen, output, reports):
        return FAULT
    tell_times()
    return max(map(exit_code, reports))


def deliver_all(reports: Iterable[Report], chosen: str, output: str | None) -> int:
    """Write many reports one behind the other, none of which is kept.

    Args:
        reports: they stand in files, so what cannot be written is not lost.
        chosen: a format that can be joined.
        output: a file's name; None or `-` is stdout.

    Returns:
        0 clean, 1 leaks, 3 one was not judged, or they could not be written.
    """
    counts: Counter[int] = Counter()
    parts = joined(reports, chosen, counts)
    if output in (None, STDOUT):
        if not print_parts(parts, dress=chosen in DRESSED):
            return FAULT
    else:
        try:
            files.write_parts(output, parts)
        except files.UnwritableError as error:
            complain(str(error))
            return FAULT
        gaps = f", {counts[FAULT]:,} not judged" * (FAULT in counts)
        summary = f"{counts.total():,} reports, {counts[LEAKS]:,} with leaks{gaps}"
        remark(f"leakwatch: {summary}; they are in {output}")
    tell_times()
    return max(counts, default=CLEAN)


def joined(reports: Iterable[Report], chosen: str, counts: Counter[int]) -> Iterator[str]:
    """The texts of reports, in one document; counts them by the exit code that each means."""
    for report in reports:
        between = "\n" if counts and chosen not in LINES else ""
        counts[exit_code(report)] += 1
        yield between + presenter().render(report, chosen)


def write_document(
    content: str, chosen: str, output: str | None, reports: Sequence[Report]
) -> bool:
    """Write the document to where it was asked for; False if that failed.

    Args:
        content: what is in it.
        chosen: its format.
        output: a file's name; None or `-` is stdout.
        reports: what it was made of.
    """
    if output in (None, STDOUT):
        return print_out(content, dress=chosen in DRESSED)
    return write_file(reports, content, output)


def write_file(reports: Sequence[Report], content: str, output: str) -> bool:
    """Write the file and its verdict; False if that failed, with the report on stderr."""
    try:
        files.write(output, content)
    except ReportFileError as error:
        complain(str(error))
        say_all("\n".join(map(render, reports)))
        return False
    for report in reports:
        remark(f"{verdict(report)}; the report is in {output}")
        if report.not_judged:
            say(f"leakwatch: not judged: {report.not_judged}")
        elif report.partial:
            say(f"leakwatch: partial: {report.partial}")
    return True


def print_out(content: str, *, dress: bool = False) -> bool:
    """Print on stdout; what its encoding lacks is escaped, and a closed pipe is quiet.

    Args:
        content: the whole text.
        dress: whether it is a report as text, which a terminal gets in colour.

    Returns:
        whether somebody got it, or wants no more of it.
    """
    return print_parts([content], dress=dress)


def print_parts(parts: Iterable[str], *, dress: bool) -> bool:
    """Print a text part by part, as `print_out` prints it whole.

    Where stdout was closed, or cannot be written, the answer goes to stderr.
    """
    rest = iter(parts)
    for part in rest:
        try:
            write_out(part, dress=dress)
        except BrokenPipeError:
            silence_stdout()
            return True
        except OSError as error:
            silence_stdout()
            closed = error.errno == errno.EBADF
            if not closed:
                complain(f"cannot write to stdout: {files.cause(error)}")
            said = [say_all(it) for it in (part, *rest)]
            return all(said) and closed
    return True


def write_out(text: str, *, dress: bool) -> None:
    """Write to stdout.

    Raises:
        OSError: it takes no more; with the code of a bad descriptor if the program closed it.
    """
    try:
        stream = sys.__stdout__
        assert stream is not None
        shown = encodable(dressed(text, stream) if dress else text, stream.encoding)
        try:
            stream.write(shown)
            stream.flush()
        except RuntimeError:
            # A signal came in the middle of a write of the program's, which the stream is not
            # ready for; what the program had not written yet it will not write any more.
            os.write(stream.fileno(), shown.encode(stream.encoding, "backslashreplace"))
    except (ValueError, AssertionError):
        raise OSError(errno.EBADF, "stdout is closed") from None


def answer(content: str) -> int:
    """Print what is no report, and give the exit code."""
    return CLEAN if print_out(content) else FAULT


def silence_stdout() -> None:
    """Redirect stdout, which nobody reads any more, so that the last flush fails nothing."""
    with suppress(OSError, ValueError):
        number = sys.__stdout__.fileno()  # type: ignore[union-attr]
        nowhere = os.open(os.devnull, os.O_WRONLY)
        if nowhere != number:  # the number of a closed descriptor is the next to be given out
            os.dup2(nowhere, number)
            os.close(nowhere)
