"""`leakwatch run`: a program, unchanged, and at its end what it left behind."""

import argparse
import os
import sys

from leakwatch.cli.baselines import baseline_of
from leakwatch.cli.exits import CLEAN, FAULT, LEAKS
from leakwatch.cli.messages import complain_of_fault
from leakwatch.cli.output import add_output, deliver, format_for, settled
from leakwatch.cli.parsing import add_options
from leakwatch.cli.program import Program, current_folder, run
from leakwatch.cli.remains import Remains
from leakwatch.cli.terminal import working
from leakwatch.command import Subcommand
from leakwatch.config import Config

EPILOG = """\
The program sees its own sys.argv, sys.path[0] and __main__, and its output is not touched.
When it ends, by Ctrl-C too, and its threads have ended, the objects that are still alive
are judged; then the report is printed after the program's own output. `atexit` callbacks
run after that.

At the end of a program everything global is still alive. So only instances of its own
classes count (those of __main__, of the package that is run, and of modules below the
program's folder), and only where at least --min-count of them are held in the same way.

examples:
  leakwatch run app.py --port 8000
  leakwatch run -m shop.server
  leakwatch run -o leaks.json app.py         the report into a file, stdout untouched
  leakwatch run --types 'sqlalchemy.*' app.py
  leakwatch run --sample 1 -o leaks.html -m shop.server     memory over time
  leakwatch run --fail-on-leak -m pytest     for CI: exit with 1 if something leaks

exit codes: the program's own; with --fail-on-leak 1 if there are leaks that the baseline does
not accept and it succeeded;
2 usage or configuration; 3 a fault of leakwatch itself, if the program succeeded.
"""


def add_program(parser: argparse.ArgumentParser) -> None:
    """Add the program to run, in the way of `python`: everything behind it is its own."""
    parser.add_argument(
        "-m", dest="is_module", action="store_true", help="PROGRAM is a module, as in `python -m`"
    )
    parser.add_argument(
        "program", metavar="PROGRAM", help="a script, a folder or zip file, or with -m a module"
    )
    rest = parser.add_argument(
        "arguments", metavar="ARG", nargs=argparse.REMAINDER, help="the program's arguments"
    )
    # Before 3.12 argparse calls a remainder required when the program is missing.
    rest.required = False


def program_of(arguments: argparse.Namespace) -> Program:
    """The program that was asked for."""
    return Program(arguments.program, arguments.is_module, tuple(arguments.arguments))


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """See `leakwatch.command.Subcommand`."""
    parser.description = "Run a program and tell which objects it left behind, and what holds them."
    parser.epilog = EPILOG
    parser.usage = "leakwatch run [options] [-m] PROGRAM [ARG ...]"
    add_output(parser)
    add_options(
        parser,
        "types",
        "min_count",
        "fail_on_leak",
        "baseline",
        "max_objects",
        "max_seconds",
        "trim",
        "sample",
    )
    add_program(parser)


def run_command(arguments: argparse.Namespace) -> int:
    """See `leakwatch.command.Subcommand`."""
    chosen = format_for(arguments.config, arguments.output)
    program = program_of(arguments)
    baseline = baseline_of(arguments.config)
    process, here = os.getpid(), current_folder()
    with Remains(program, arguments.config, baseline) as remains:
        code = run(program)
        if os.getpid() != process:
            # A child that the program forked: the parent reports.
            return code
        arguments.output = settled(arguments.output, here)
        found = told(remains, chosen, arguments)
    # A program that failed has failed, whatever we found.
    return code or found


def told(remains: Remains, chosen: str, arguments: argparse.Namespace) -> int:
    """Judge and report; a fault of ours does not hide what the program did."""
    config: Config = arguments.config
    try:
        with working("looking at what the program left behind", sys.__stderr__):
            report = remains.judge()
        found = deliver([report], chosen, arguments.output)
    except Exception as error:  # noqa: BLE001 - as above
        complain_of_fault(error, debug=config.debug)
        return FAULT
    return found if found != LEAKS or config.fail_on_leak else CLEAN


COMMAND = Subcommand(
    "run", "run a program and report what it left behind", add_arguments, run_command
)
