"""Where a report goes: to stdout, or into a file with its verdict on stderr."""

import argparse
import errno
import os
import sys
from collections.abc import Sequence
from contextlib import suppress

from leakwatch.cli.exits import CLEAN, FAULT, LEAKS
from leakwatch.cli.messages import complain, say, say_all
from leakwatch.cli.parsing import add_options
from leakwatch.cli.terminal import dressed
from leakwatch.config import Config, did_you_mean
from leakwatch.errors import ConfigurationError, ReportFileError
from leakwatch.report import Report
from leakwatch.reports import files
from leakwatch.reports.text import render, verdict
from leakwatch.reports.wording import encodable
from leakwatch.session import presenter

STDOUT = "-"
JOINABLE = frozenset({"text", "markdown", "jsonl", "github"})
"""Formats of which several reports make one document, one behind the other."""
LINES = frozenset({"jsonl", "github"})
"""Those in which a line stands for itself, and an empty one between them would be wrong."""


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
        return chosen
    check_folder(output)
    return presenter().format_of(output)


def known_format(config: Config) -> str:
    """The format that an option names."""
    names = presenter().names()
    if config.format not in names:
        raise ConfigurationError(
            f"{config.sources.get('format', 'format')}: no format {config.format!r}"
            f"{did_you_mean(config.format, set(names))}"
        )
    return config.format


def check_folder(output: str) -> None:
    """Refuse a file that cannot be written before an hour's run ends with that message."""
    folder = os.path.dirname(os.path.abspath(output))
    if not os.path.isdir(folder):
        raise ReportFileError(f"{output}: there is no folder {folder}; create it first")
    if os.path.isdir(os.path.abspath(output)):
        raise ReportFileError(f"{output}: it is a folder; give the name of a file")


def settled(output: str | None, folder: str) -> str | None:
    """The file as it was named in a folder, although the program may have gone to another."""
    if output in (None, STDOUT) or current_folder() == folder:
        return output
    return os.path.join(folder, output)


def current_folder() -> str:
    """Where the process is; empty if that folder is gone."""
    try:
        return os.getcwd()
    except OSError:
        return ""


def deliver(reports: Sequence[Report], chosen: str, output: str | None) -> int:
    """Write reports and give the exit code that they mean.

    Args:
        reports: one, or several of a format that can be joined.
        chosen: the format.
        output: a file's name; None or `-` is stdout.

    Returns:
        0 clean, 1 leaks, 3 it could not be written; the text is then on stderr.
    """
    between = "" if chosen in LINES else "\n"
    content = between.join(presenter().render(report, chosen) for report in reports)
    if not put(content, chosen, output, reports):
        return FAULT
    return CLEAN if all(report.ok for report in reports) else LEAKS


def put(content: str, chosen: str, output: str | None, reports: Sequence[Report]) -> bool:
    """Write the document to where it was asked for; False if that failed.

    Args:
        content: what is in it.
        chosen: its format.
        output: a file's name; None or `-` is stdout.
        reports: what it was made of.
    """
    if output in (None, STDOUT):
        return print_out(content, dress=chosen == "text")
    return saved(reports, content, output)


def saved(reports: Sequence[Report], content: str, output: str) -> bool:
    """Write the file and its verdict; False if that failed, with the report on stderr."""
    try:
        files.write(output, content)
    except ReportFileError as error:
        complain(str(error))
        say_all("\n".join(map(render, reports)))
        return False
    for report in reports:
        say(f"{verdict(report)}; the report is in {output}")
    return True


def print_out(content: str, *, dress: bool = False) -> bool:
    """Print on stdout; what its encoding lacks is escaped, and a closed pipe is quiet.

    Where stdout was closed, or cannot be written, the answer goes to stderr.

    Args:
        content: the whole text.
        dress: whether it is a report as text, which a terminal gets in colour.

    Returns:
        whether somebody got it, or wants no more of it.
    """
    stream = sys.__stdout__
    try:
        assert stream is not None
        content = dressed(content, stream) if dress else content
        stream.write(encodable(content, stream.encoding))
        stream.flush()
    except BrokenPipeError:
        silence_stdout()
    except (ValueError, AssertionError):
        # The program closed stdout; the answer must not be lost.
        return say_all(content)
    except OSError as error:
        silence_stdout()
        if error.errno == errno.EBADF:
            # The same, but the program closed the descriptor.
            return say_all(content)
        complain(f"cannot write to stdout: {files.cause(error)}")
        say_all(content)
        return False
    return True


def answer(content: str) -> int:
    """Print what is no report, and give the exit code."""
    return CLEAN if print_out(content) else FAULT


def silence_stdout() -> None:
    """Nobody reads any more: let the interpreter's last flush go nowhere."""
    with suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.__stdout__.fileno())  # type: ignore[union-attr]
        os.close(nowhere)
