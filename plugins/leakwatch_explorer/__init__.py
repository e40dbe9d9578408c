"""`leakwatch explore`: look around in heaps that were written to files, in a browser.

    leakwatch explore monday.lwheap tuesday.lwheap

A server for this machine alone makes every page; the pages run no script. Starlette, uvicorn and
Jinja2 are imported when the command runs, and come with the extra `explorer`.

PYTEST_DONT_REWRITE: imported before pytest or after, this package is the same.
"""

from collections.abc import Iterable

from leakwatch import hookimpl
from leakwatch.extending import Subcommand
from leakwatch_explorer.command import COMMAND

__all__ = ["leakwatch_subcommands"]


@hookimpl
def leakwatch_subcommands() -> Iterable[Subcommand]:
    """`leakwatch explore`."""
    return [COMMAND]
