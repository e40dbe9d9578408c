"""The command line: what serves, or what has to be installed for it."""

import argparse
from collections.abc import Callable

from leakwatch.errors import ConfigurationError
from leakwatch.extending import Subcommand

EPILOG = """\
An agent starts it and speaks to it over stdin and stdout. It offers `growing`, `why`, `snapshot`
and `explain`, which read what there is and change nothing: processes of this user that have a
door, heaps and reports in files, and the source.

examples:
  leakwatch mcp
  python -m leakwatch_mcp           the same, for a Python of a certain environment

exit codes: 0 the agent has closed its side; 2 usage, or the extra `mcp` is missing.
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """See `leakwatch.command.Subcommand`."""
    parser.description = "Serve agents by the Model Context Protocol, over stdin and stdout."
    parser.epilog = EPILOG


def run_command(arguments: argparse.Namespace) -> int:
    """See `leakwatch.command.Subcommand`."""
    server()()
    return 0


def server() -> Callable[[], None]:
    """What serves until stdin ends.

    Raises:
        ConfigurationError: the package `mcp` is missing, or older than what is needed.
    """
    try:
        from leakwatch_mcp.serving import serve
    except ImportError as error:
        if (error.name or "").partition(".")[0] != "mcp":
            raise
        raise ConfigurationError(
            "mcp needs the package mcp, version 2 or later; install the extra `mcp`: "
            "pip install 'leakwatch-framework[mcp]'"
        ) from None
    return serve


COMMAND = Subcommand(
    "mcp", "serve agents by the Model Context Protocol", add_arguments, run_command
)
