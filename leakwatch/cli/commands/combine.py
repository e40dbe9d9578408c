"""`leakwatch combine`: the reports of many processes as one."""

import argparse
import sys

from leakwatch.cli.input import reports_in
from leakwatch.cli.messages import warn
from leakwatch.cli.output import add_output, deliver, format_for
from leakwatch.cli.terminal import working
from leakwatch.command import Subcommand
from leakwatch.compare.combine import Whole
from leakwatch.errors import ConfigurationError
from leakwatch.stages import Stage, each_of

EPILOG = """\
A leak is the same if its signature is, in whatever process it was found. Counts and sizes are
summed. A file that ends in .jsonl may hold many reports, one in each line; a last line that a
killed process left unfinished is passed over.

examples:
  leakwatch combine -o all.json worker-*.json
  leakwatch combine leaks-*.jsonl

exit codes: 0 clean, 1 a report has leaks, 2 usage or not a report.
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """See `leakwatch.command.Subcommand`."""
    parser.description = "Merge the reports of many processes by signature."
    parser.epilog = EPILOG
    parser.add_argument(
        "files", metavar="FILE", nargs="+", help="a report, or a .jsonl of many; `-` is stdin"
    )
    add_output(parser)


def run_command(arguments: argparse.Namespace) -> int:
    """See `leakwatch.command.Subcommand`."""
    chosen = format_for(arguments.config, arguments.output)
    whole = Whole()
    with working("", sys.__stderr__):
        for file in arguments.files:
            for report in each_of(Stage.READ, reports_in(file, warn)):
                whole.add(report)
    if not whole.count:
        raise ConfigurationError(f"no report in {', '.join(arguments.files)}; nothing to combine")
    return deliver([whole.report()], chosen, arguments.output)


COMMAND = Subcommand("combine", "merge reports by signature", add_arguments, run_command)
