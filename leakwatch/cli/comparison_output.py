"""Where a comparison of two reports goes, and in which format."""

import argparse
import os

from leakwatch.cli.messages import CLEAN, FAULT, LEAKS, complain, say, say_all
from leakwatch.cli.output import STDOUT, check_folder, print_out
from leakwatch.compare.diff import Differences
from leakwatch.errors import ConfigurationError, ReportFileError, quoted, shown_path
from leakwatch.reports import files
from leakwatch.reports.differences import FORMATS, SUFFIXES, verdict


def add_comparison_output(parser: argparse.ArgumentParser) -> None:
    """Add the arguments that say where a comparison goes and in which format."""
    parser.add_argument(
        "-o",
        "--output",
        metavar="FILE",
        help=f"write into this file instead of stdout; its suffix ({', '.join(SUFFIXES)}) decides "
        "the format unless --format is given",
    )
    parser.add_argument("--format", choices=list(FORMATS), help="format (default: text)")


def comparison_format(arguments: argparse.Namespace) -> str:
    """The format to write, checked before any work is done.

    Raises:
        ConfigurationError: the suffix of the file names none.
        ReportFileError: the folder of the file does not exist.
    """
    output: str | None = arguments.output
    if output in (None, STDOUT):
        return arguments.format or "text"
    check_folder(output)
    suffix = os.path.splitext(output)[1].lower()
    if arguments.format is None and suffix not in SUFFIXES:
        raise ConfigurationError(
            f"{shown_path(output)}: suffix {quoted(suffix)} names no format: "
            f"expected one of {', '.join(SUFFIXES)}"
        )
    return arguments.format or SUFFIXES[suffix]


def deliver_comparison(found: Differences, chosen: str, output: str | None) -> int:
    """Write a comparison and give the exit code that it means."""
    content = FORMATS[chosen](found)
    if output in (None, STDOUT):
        if not print_out(content):
            return FAULT
    else:
        try:
            files.write(output, content)
        except ReportFileError as error:
            complain(str(error))
            # An answer that was asked for is not lost with the file.
            say_all(FORMATS["text"](found))
            return FAULT
        say(f"{verdict(found)}; more is in {output}")
    if found.not_judged:
        return FAULT
    return CLEAN if found.ok else LEAKS
