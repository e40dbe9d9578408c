"""`leakwatch explain`: what a pattern's code means, or how one leak of a report is to be mended."""

import argparse
import json
import os
import sys
from dataclasses import asdict
from textwrap import fill, indent

from leakwatch.cli.completing import completed_by
from leakwatch.cli.completing_codes import codes_or_signatures
from leakwatch.cli.input import report_in
from leakwatch.cli.output import answer
from leakwatch.cli.terminal import columns, is_terminal
from leakwatch.command import Subcommand
from leakwatch.diagnosis.known.entries import shipped
from leakwatch.diagnosis.patterns import BY_CODE, Mistake
from leakwatch.errors import ConfigurationError
from leakwatch.explaining import explained_leak, mistake_of
from leakwatch.model import KnownLeak
from leakwatch.reports.mending import render

EPILOG = """\
With --report it is about one leak: what leaks, what holds it, the reference to cut, the lines of
the source where the holder is defined and filled, the path, and a program before and after the
fix. It is written to be given to whoever mends it, person or agent. The source is read, and
nothing of it is run.

examples:
  leakwatch explain                        every code with its title
  leakwatch explain LW104                  what it means, and a program before and after the fix
  leakwatch explain 3f9c --report leaks.json
  leakwatch explain 3f9c --report leaks.json --format json

exit codes: 0 explained, 2 there is no such code, or no such leak.
"""

WIDTH = 100


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """See `leakwatch.command.Subcommand`."""
    parser.description = "Say what the code of a pattern means and what to write instead."
    parser.epilog = EPILOG
    code = parser.add_argument(
        "code",
        metavar="CODE",
        nargs="?",
        help="such as LW104, or with --report a signature or its beginning; without it: all codes",
    )
    completed_by(code, codes_or_signatures)
    parser.add_argument("--report", metavar="FILE", help="the leak is of this one; `-` is stdin")
    parser.add_argument(
        "--format", choices=("text", "json"), default="text", help="of a leak (default: text)"
    )


def run_command(arguments: argparse.Namespace) -> int:
    """See `leakwatch.command.Subcommand`."""
    if arguments.report is not None:
        return explain_leak(arguments)
    if arguments.format != "text":
        raise ConfigurationError("explain: --format belongs to --report FILE")
    entry = next((it for it in shipped() if it.fails and it.id == arguments.code), None)
    if entry is not None:
        return answer(of_a_library(entry))
    if arguments.code is not None:
        return answer(page(mistake_of(arguments.code)))
    codes = sorted(BY_CODE)
    return answer("".join(f"{code}  {BY_CODE[code].pattern.title}\n" for code in codes))


def explain_leak(arguments: argparse.Namespace) -> int:
    """Say how one leak of a report is to be mended."""
    if arguments.code is None:
        raise ConfigurationError("explain --report: expected the signature of a leak")
    task = explained_leak(report_in(arguments.report), arguments.code)
    if arguments.format == "json":
        return answer(json.dumps(asdict(task), indent=2) + "\n")
    return answer(render(task, width()))


def width() -> int:
    """Columns for prose: as many as the terminal has, but for lines that are too long to read."""
    stream = sys.__stdout__
    return min(WIDTH, columns(os.environ)) if is_terminal(stream) else WIDTH


def page(mistake: Mistake) -> str:
    """All there is to say of one pattern."""
    pattern = mistake.pattern
    return (
        f"{pattern.code} {pattern.title}\n\n"
        f"{paragraph('why      ', pattern.explanation)}\n"
        f"{paragraph('instead  ', pattern.fix)}\n\n"
        f"before\n\n{indent(pattern.before, '    ')}\n"
        f"after\n\n{indent(pattern.after, '    ')}"
    )


def of_a_library(entry: KnownLeak) -> str:
    """What a library keeps until the program tells it not to."""
    return (
        f"{entry.id} {entry.title}\n\n"
        f"{paragraph('why      ', entry.reason)}\n"
        f"{paragraph('instead  ', entry.remedy)}\n"
        f"{paragraph('see      ', entry.link)}\n"
    )


def paragraph(label: str, text: str) -> str:
    """Text in lines that begin below each other, behind a label; code is not broken up."""
    hanging = " " * len(label)
    return fill(
        text,
        width(),
        initial_indent=label,
        subsequent_indent=hanging,
        break_long_words=False,
        break_on_hyphens=False,
    )


COMMAND = Subcommand("explain", "say what the code of a pattern means", add_arguments, run_command)
