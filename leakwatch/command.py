"""What a subcommand is: a name, a line of help, its arguments and what it does."""

import argparse
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Subcommand:
    """A command of the `leakwatch` program.

    Attributes:
        name: as typed after `leakwatch`.
        help: one line for `leakwatch --help`.
        add_arguments: adds the command's arguments to its parser.
        run: does the work and returns the exit code: 0 clean, 1 leaks, 2 usage or
            configuration, 3 a fault of leakwatch itself.
    """

    name: str
    help: str
    add_arguments: Callable[[argparse.ArgumentParser], None]
    run: Callable[[argparse.Namespace], int]
