"""`leakwatch why`: what holds the objects of a type, at a program's end or in a report."""

import argparse
import os
import sys
from dataclasses import replace

from leakwatch.cli.completing import completed_by
from leakwatch.cli.completing_codes import signatures
from leakwatch.cli.input import report_in
from leakwatch.cli.level import is_verbose
from leakwatch.cli.messages import CLEAN, FAULT, INTERRUPTED, complain_of_fault, fault_as_reason
from leakwatch.cli.output import add_output, deliver, format_for, path_from
from leakwatch.cli.parsing import add_options
from leakwatch.cli.program import Program, current_folder, run
from leakwatch.cli.terminal import working
from leakwatch.command import Subcommand
from leakwatch.errors import ConfigurationError, quoted, shortened, shown_path
from leakwatch.model import Leak
from leakwatch.report import Report
from leakwatch.session import Session
from leakwatch.stages import Stage, begins
from leakwatch.tracking.why_alive import Target, explain

MOST_NAMED = 5
"""Leaks named where the one that was asked for is not there."""
EPILOG = """\
With a program: runs it like `leakwatch run`, and when it has ended tells every way in
which objects of the type are held, few or many, leaks or not.

With --report: shows one leak of a saved report, by its signature or the beginning of it,
or all those of a type.

examples:
  leakwatch why shop.models.Cart app.py --port 8000
  leakwatch why --all Cart app.py
  leakwatch why --retained Cart app.py
  leakwatch why Cart -m shop
  leakwatch why --report leaks.json 3f9c

exit codes: the program's own, 0 with --report; 2 usage or no such leak; 3 no such object, or a
fault of leakwatch itself, if the program succeeded.
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """See `leakwatch.command.Subcommand`."""
    parser.description = "Tell what holds the objects of a type."
    parser.epilog = EPILOG
    parser.usage = (
        "leakwatch why [options] TYPE [-m] PROGRAM [ARG ...]\n"
        "       leakwatch why [options] --report FILE SIGNATURE"
    )
    parser.add_argument("--report", metavar="FILE", help="ask a saved report; `-` is stdin")
    parser.add_argument(
        "--all", action="store_true", help="tell every root that holds them, not only the first"
    )
    parser.add_argument(
        "--retained",
        action="store_true",
        help="exact sizes: what each object alone keeps alive (dominators; seconds per million "
        "objects that they hold)",
    )
    add_output(parser)
    add_options(parser, "max_objects", "max_seconds")
    target = parser.add_argument(
        "target", metavar="TYPE", help="`module.Class`, `Class`, or the signature of a leak"
    )
    completed_by(target, signatures)
    rest = parser.add_argument(
        "command", metavar="PROGRAM", nargs=argparse.REMAINDER, help="as for `leakwatch run`"
    )
    # Before 3.12 argparse calls a remainder required when the type is missing.
    rest.required = False


def run_command(arguments: argparse.Namespace) -> int:
    """See `leakwatch.command.Subcommand`."""
    chosen = format_for(arguments.config, arguments.output)
    if arguments.report is None:
        return ask_program(arguments, chosen)
    if arguments.command:
        raise ConfigurationError("why takes --report or a program, not both")
    for option in ("all", "retained"):
        if getattr(arguments, option):
            raise ConfigurationError(
                f"why --{option} needs a program: a saved report has no heap to ask"
            )
    found = picked(report_in(arguments.report), arguments.target, arguments.report)
    return failed_or_clean(deliver([found], chosen, arguments.output))


def ask_program(arguments: argparse.Namespace, chosen: str) -> int:
    """Run the program, ask when it has ended, and give the exit code."""
    program = program_of(arguments.command)
    process, here = os.getpid(), current_folder()
    code = run(program)
    if os.getpid() != process:
        return code
    session = Session.configured(arguments.config, finishes=True)
    try:
        with working(f"looking for {shortened(arguments.target)}", sys.__stderr__):
            begins(Stage.SETTLE)
            report = explain(
                Target(arguments.target),
                session,
                every_root=arguments.all or is_verbose(),
                exact_sizes=arguments.retained,
            )
        output = path_from(arguments.output, here)
        found = failed_or_clean(deliver([report], chosen, output))
    except Exception as error:  # noqa: BLE001 - what the program did stands, whatever fails here
        complain_of_fault(error, debug=arguments.config.debug)
        failed = Report(arguments.target, "why", not_judged=fault_as_reason(error))
        found = deliver([failed], chosen, path_from(arguments.output, here))
    return code or (INTERRUPTED if session.interrupted else found)


def failed_or_clean(code: int) -> int:
    """The exit code of an answer: that an object is held is no failure here."""
    return FAULT if code == FAULT else CLEAN


def program_of(command: list[str]) -> Program:
    """The program behind the type.

    Read by hand: argparse would take `-m` behind the type for an option of leakwatch.
    """
    rest = command[1:] if command[:1] == ["--"] else command
    is_module = rest[:1] == ["-m"]
    name, *arguments = rest[is_module:] or [""]
    if not name or name.startswith("-"):
        raise ConfigurationError(
            "why needs a program behind the type, or --report FILE before it; "
            "see `leakwatch why --help`"
        )
    return Program(name, is_module, tuple(arguments))


def picked(report: Report, wanted: str, where: str) -> Report:
    """The report with only those leaks that were asked for.

    Raises:
        ConfigurationError: there is none; the message lists what there is.
    """

    def fits(leak: Leak) -> bool:
        # A signature may be cut short.
        return leak.type_name == wanted or leak.signature.startswith(wanted)

    groups = (report.leaks, report.known, report.in_use)
    leaks, known, in_use = (tuple(filter(fits, group)) for group in groups)
    if not (leaks or known or in_use):
        raise ConfigurationError(f"{shown_path(where)}: no leak {quoted(wanted)}; {choice(report)}")
    return replace(report, leaks=leaks, known=known, in_use=in_use)


def choice(report: Report) -> str:
    """The first few of the leaks that a report has instead, for a message."""
    everything = [*report.leaks, *report.known, *report.in_use]
    if not everything:
        return "the report has no leaks"
    there = [f"{leak.signature} ({shortened(leak.type_name)})" for leak in everything[:MOST_NAMED]]
    more = len(everything) - MOST_NAMED
    rest = [f"{more:,} more that `leakwatch report` shows"] if more > 0 else []
    return f"expected one of {', '.join([*there, *rest])}"


COMMAND = Subcommand("why", "what holds the objects of a type", add_arguments, run_command)
