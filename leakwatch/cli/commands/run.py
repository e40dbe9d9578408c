"""`leakwatch run`: a program, unchanged, and at its end what it left behind."""

import argparse
import atexit
import os
import sys
from dataclasses import replace
from signal import SIGINT

from leakwatch.cli.commands.baseline import baseline_of
from leakwatch.cli.endings import SHELL, Endings, Stopped, die_by
from leakwatch.cli.family import Family
from leakwatch.cli.messages import (
    CLEAN,
    LEAKS,
    complain_of_fault,
    exit_code,
    fault_as_reason,
    say_all,
)
from leakwatch.cli.output import add_output, deliver, format_for, path_from
from leakwatch.cli.parsing import add_options
from leakwatch.cli.program import Program, current_folder, run
from leakwatch.cli.program_survivors import ProgramSurvivors
from leakwatch.cli.terminal import working
from leakwatch.command import Subcommand
from leakwatch.compare.combine import Whole
from leakwatch.config import Config
from leakwatch.report import Report
from leakwatch.reports.text import render

PID = "{pid}"
"""In the name of a file: the number of the process, so that each has a file of its own."""

EPILOG = """\
The program sees its own sys.argv, sys.path[0] and __main__, and its output is not touched.
When it ends, and its threads have ended, the objects that are still alive are judged; then the
report is printed after the program's own output. `atexit` callbacks run after that. Ctrl-C,
SIGTERM, SIGHUP and `os._exit` are ends too.

Children that the program forks are counted, and judged where -o FILE has `{pid}` in its name:
each writes its own file, and in the end the first process tells what all of them say together.

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
  leakwatch run -o 'leaks-{pid}.json' gunicorn app:app     each worker as well

exit codes: the program's own; with --fail-on-leak 1 if there are leaks that the baseline does
not accept and it succeeded;
2 usage or configuration; 3, if the program succeeded, a fault of leakwatch itself, or children
that were not judged (--ignore-children leaves them aside); 130 Ctrl-C; SIGTERM and SIGHUP end it.
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
        "ignore_children",
        "baseline",
        "max_objects",
        "max_seconds",
        "trim",
        "sample",
    )
    add_program(parser)


def run_command(arguments: argparse.Namespace) -> int:
    """See `leakwatch.command.Subcommand`."""
    config: Config = arguments.config
    chosen = format_for(config, arguments.output)
    program = program_of(arguments)
    survivors = ProgramSurvivors(program, config, baseline_of(config))
    each = not config.ignore_children and PID in (arguments.output or "")
    with Family(survivors.restart_in_child if each else None) as family:
        end = ProgramEnd(survivors, family, chosen, arguments)
        with Endings(end.judge_and_combine) as endings, survivors:
            end.endings = endings
            code = end.judge_once(run(program))
        return end.finish(code)


class ProgramEnd:
    """Judges each process of the program at its end, and writes its report, once.

    Args:
        survivors: what it left behind.
        family: the processes.
        chosen: the format of the report.
        arguments: of the command line.
    """

    def __init__(
        self,
        survivors: ProgramSurvivors,
        family: Family,
        chosen: str,
        arguments: argparse.Namespace,
    ) -> None:
        self.endings: Endings | None = None
        self._survivors = survivors
        self._family = family
        self._chosen = chosen
        self._output: str | None = arguments.output
        self._config: Config = arguments.config
        self._here = current_folder()
        self._done: set[int] = set()
        self._judges_children = not self._config.ignore_children and PID in (self._output or "")
        self._report: Report | None = None
        self._stopped = 0

    def judge_once(self, code: int) -> int:
        """Judge this process and write its report, unless that is done or not wanted.

        Args:
            code: the exit code of the program.

        Returns:
            the exit code to end with; a program that failed has failed, whatever was found.
        """
        process = os.getpid()
        if process in self._done or not self._family.is_judged_here():
            return code
        try:
            assert self.endings is not None
            with self.endings.stoppable(late=not self._family.is_first()):
                # A signal before this line has judged the process already; one after is held up.
                if process in self._done:
                    return code
                self._done.add(process)
                return self._judge(code)
        except Stopped as stopped:
            # For the second time, or while it was written.
            return self._stopped_by(stopped)

    def _stopped_by(self, stopped: Stopped) -> int:
        self._stopped = stopped.number
        return SHELL + stopped.number

    def _judge(self, code: int) -> int:
        """Judge, and write a report even if a signal or a fault of leakwatch ends that."""
        try:
            with working("looking at what the program left behind", sys.__stderr__):
                self._report = self._survivors.judge(self._not_judged())
        except Stopped as stopped:
            self._report = self._survivors.unfinished(f"ended by {stopped} while it was judged")
            code = self._stopped_by(stopped)
        except Exception as error:  # noqa: BLE001 - what the program did stands, whatever fails here
            complain_of_fault(error, debug=self._config.debug)
            self._report = self._survivors.unfinished(fault_as_reason(error))
        return self._write(self._report, code)

    def _not_judged(self) -> str | None:
        """Why this process cannot judge the whole program, if no other process judges the rest."""
        if self._judges_children or self._config.ignore_children:
            return None
        return "; ".join(self._family.not_judged()) or None

    def _write(self, report: Report, code: int) -> int:
        """Write the report of this process, and give the exit code to end with."""
        output = (self._output or "").replace(PID, str(os.getpid())) or None
        found = deliver([report], self._chosen, path_from(output, self._here))
        if not self._family.is_first():
            self._family.add(report)
            return code
        return code or self._code_of(found)

    def _code_of(self, code: int) -> int:
        """The exit code that a report means here, where leaks alone may fail nothing."""
        return CLEAN if code == LEAKS and not self._config.fail_on_leak else code

    def judge_and_combine(self, code: int) -> int:
        """Do what `judge_once` does; the first process also says what all of them found."""
        return self._combine(self.judge_once(code))

    def finish(self, code: int) -> int:
        """End as the signal wanted, or combine the reports; gives the exit code."""
        if self._stopped and self._stopped != SIGINT:
            die_by(self._stopped)
        if self._has_judged_children():
            # Children of `multiprocessing` are waited for in there.
            atexit._run_exitfuncs()
        return self._combine(code)

    def _has_judged_children(self) -> bool:
        return self._judges_children and self._family.is_first() and self._family.forked() > 0

    def _combine(self, code: int) -> int:
        """Say what all processes found together, where each has judged itself."""
        if not self._has_judged_children() or self._report is None:
            return code
        others = self._family.reports()
        whole = Whole("processes")
        for report in (self._report, *others):
            whole.add(report)
        found = whole.report()
        missing = [found.not_judged, *self._family.not_judged(len(others))]
        found = replace(found, not_judged="; ".join(filter(None, missing)) or None)
        say_all(render(found))
        return code or self._code_of(exit_code(found))


COMMAND = Subcommand(
    "run", "run a program and report what it left behind", add_arguments, run_command
)
