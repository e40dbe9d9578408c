"""The command line: which files, which port."""

import argparse
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from leakwatch.errors import ConfigurationError
from leakwatch.extending import Subcommand

if TYPE_CHECKING:  # it imports half of leakwatch, and every `leakwatch --help` would wait for it
    from leakwatch import Snapshot

NEEDED = frozenset({"jinja2", "starlette", "uvicorn"})
MOST_FILES = 20
LARGEST_PORT = 65_535
EPILOG = """\
The address that is printed has a secret in it: whoever has it can read the heap, and nobody else,
on this machine only. Ctrl-C ends it.

examples:
  leakwatch explore heap.lwheap
  leakwatch explore monday.lwheap tuesday.lwheap        each, and what has grown between them
  leakwatch explore --port 8700 heap.lwheap             behind `ssh -L 8700:127.0.0.1:8700 server`

exit codes: 0 ended by Ctrl-C; 2 usage, no whole snapshot, or the extra `explorer` is missing.
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """See `leakwatch.command.Subcommand`."""
    parser.description = "Look around in heaps that were written to files, in a browser."
    parser.epilog = EPILOG
    parser.add_argument(
        "files", metavar="FILE", nargs="+", help="written by `leakwatch.snapshot`, older ones first"
    )
    parser.add_argument(
        "--port", metavar="N", type=int, default=0, help="of the server (default: any that is free)"
    )


def run_command(arguments: argparse.Namespace) -> int:
    """See `leakwatch.command.Subcommand`."""
    serve = server()
    if not 0 <= arguments.port <= LARGEST_PORT:
        raise ConfigurationError(f"--port {arguments.port}: expected 0 to {LARGEST_PORT}")
    if len(arguments.files) > MOST_FILES:
        raise ConfigurationError(f"{len(arguments.files)} files: expected {MOST_FILES} at the most")
    return serve([indexed(file) for file in arguments.files], arguments.port)


def server() -> "Callable[[Sequence[Snapshot], int], int]":
    """What serves; refused where a library is missing, with what brings it."""
    try:
        from leakwatch_explorer.serving import serve
    except ImportError as error:
        missing = (error.name or "").partition(".")[0]
        if missing not in NEEDED:
            raise
        raise ConfigurationError(
            f"explore needs {missing}; install the extra `explorer`: "
            "pip install 'leakwatch-framework[explorer]'"
        ) from None
    return serve


def indexed(file: str) -> "Snapshot":
    """A heap with all that takes time done."""
    from leakwatch import Snapshot

    heap = Snapshot.load(file)
    sys.stderr.write(f"leakwatch: reading {file}: {heap.objects:,} objects ...\n")
    heap.index.owners()
    heap.index.suspected()
    return heap


COMMAND = Subcommand(
    "explore", "look around in heaps that were written to files", add_arguments, run_command
)
