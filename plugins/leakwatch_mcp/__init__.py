"""leakwatch for agents: a server of the Model Context Protocol that answers and changes nothing.

    leakwatch mcp                 or: python -m leakwatch_mcp

It speaks over stdin and stdout, as an agent starts it. The package `mcp` is imported when the
command runs, and comes with the extra `mcp`.

PYTEST_DONT_REWRITE: imported before pytest or after, this package is the same.
"""

from collections.abc import Iterable

from leakwatch import hookimpl
from leakwatch.extending import Subcommand
from leakwatch_mcp.command import COMMAND

__all__ = ["leakwatch_subcommands"]


@hookimpl
def leakwatch_subcommands() -> Iterable[Subcommand]:
    """`leakwatch mcp`."""
    return [COMMAND]
