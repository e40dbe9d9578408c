"""The commands of the `leakwatch` program, as a plugin like anybody's.

Each is a module of its name here. It is imported when its arguments are asked for: `leakwatch
--help`, and each command, would else wait for what all the others need.
"""

from argparse import ArgumentParser, Namespace
from functools import partial
from importlib import import_module
from typing import cast

from leakwatch.command import Subcommand
from leakwatch.hookspecs import hookimpl

HELPS = {
    "run": "run a program and report what it left behind",
    "report": "show saved reports",
    "why": "what holds the objects of a type",
    "hunt": "call a function repeatedly and report what grows",
    "attach": "ask a process that runs what it leaks",
    "explain": "say what the code of a pattern means",
    "baseline": "compare with the accepted leaks, write and prune them",
    "diff": "compare two reports",
    "combine": "merge reports by signature",
    "verify": "run again and tell which leaks are fixed",
    "snapshot": "ask a heap that was written to a file",
    "plugins": "list plugins, loaded or not",
    "doctor": "show the installation, problems, and the ways into a process",
    "completion": "print a script for a shell",
}
"""One line for each command, in the order of `leakwatch --help`."""


def command_of(name: str) -> Subcommand:
    """The command of a name, with its module."""
    return cast(Subcommand, import_module(f"leakwatch.cli.commands.{name}").COMMAND)


def add_arguments(name: str, parser: ArgumentParser) -> None:
    """Add the arguments of a command."""
    command_of(name).add_arguments(parser)


def run_command(name: str, arguments: Namespace) -> int:
    """Run a command; gives its exit code."""
    return command_of(name).run(arguments)


@hookimpl
def leakwatch_subcommands() -> tuple[Subcommand, ...]:
    """In the order of `leakwatch --help`."""
    return tuple(
        Subcommand(name, text, partial(add_arguments, name), partial(run_command, name))
        for name, text in HELPS.items()
    )
