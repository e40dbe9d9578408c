"""What a subcommand is: a name, a line of help, its arguments and what it does."""

import argparse
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated

UNGUARDED = "its exceptions are the caller's"
"""Marks a function that ends as it likes: who calls a command is no judgement to go on."""


@dataclass(frozen=True, slots=True)
class Subcommand:
    """A command of the `leakwatch` program.

    Attributes:
        name: as typed after `leakwatch`.
        help: one line for `leakwatch --help`.
        add_arguments: adds the command's arguments to its parser.
        run: does the work and returns the exit code: 0 clean, 1 leaks, 2 usage or
            configuration, 3 a fault of leakwatch itself. It may raise a `LeakwatchError` for 2,
            and `SystemExit`.
    """

    name: str
    help: str
    add_arguments: Callable[[argparse.ArgumentParser], None]
    run: Annotated[Callable[[argparse.Namespace], int], UNGUARDED]
