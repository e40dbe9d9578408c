"""`leakwatch report`: saved reports, in any format."""

import argparse

from leakwatch.cli.output import JOINABLE, add_output, deliver, format_for
from leakwatch.command import Subcommand
from leakwatch.errors import ConfigurationError
from leakwatch.report import Report
from leakwatch.reports.renderer import Renderer
from leakwatch.session import plugins

EPILOG = """\
examples:
  leakwatch report leaks.json
  leakwatch report --format markdown leaks.json >> "$GITHUB_STEP_SUMMARY"
  leakwatch report -o leaks.md monday.json tuesday.json

exit codes: 0 clean, 1 a report has leaks, 2 usage or not a report.
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """See `leakwatch.command.Subcommand`."""
    parser.description = "Show reports that were saved as JSON, in this or another format."
    parser.epilog = f"formats:\n{format_lines()}\n{EPILOG}"
    parser.add_argument(
        "files", metavar="FILE", nargs="+", help="a report, written by `leakwatch run -o FILE.json`"
    )
    add_output(parser)


def format_lines() -> str:
    """One line for each format."""
    known: dict[str, Renderer] = {}
    for renderer in plugins().extensions("leakwatch_renderers"):
        known.setdefault(renderer.name, renderer)
    return "".join(
        f"  {name:<10} {' '.join(known[name].suffixes):<8} {known[name].description}\n"
        for name in sorted(known)
    )


def run_command(arguments: argparse.Namespace) -> int:
    """See `leakwatch.command.Subcommand`."""
    chosen = format_for(arguments.config, arguments.output)
    if len(arguments.files) > 1 and chosen not in JOINABLE:
        raise ConfigurationError(
            f"format {chosen!r} holds one report, got {len(arguments.files)} files; "
            f"give one file, or use one of {', '.join(sorted(JOINABLE))}"
        )
    return deliver([Report.load(file) for file in arguments.files], chosen, arguments.output)


COMMAND = Subcommand("report", "show saved reports", add_arguments, run_command)
