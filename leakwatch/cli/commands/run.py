"""`leakwatch run`: a program, unchanged, and at its end what it left behind."""

import argparse
import atexit
import os
from signal import SIGINT

from leakwatch.api import open_door
from leakwatch.cli.commands.baseline import baseline_of
from leakwatch.cli.endings import Endings, die_by
from leakwatch.cli.family import Family
from leakwatch.cli.heap_options import add_heap_options, contents_of
from leakwatch.cli.level import is_quiet
from leakwatch.cli.messages import (
    CLEAN,
    FAULT,
    LEAKS,
    USAGE,
    code_with_growth,
    complain,
    exit_code,
    remark,
    say_all,
)
from leakwatch.cli.output import PID, add_output, deliver, format_for, path_from
from leakwatch.cli.parsing import add_options
from leakwatch.cli.process_end import ProcessEnd, told_together
from leakwatch.cli.program import Program, current_folder, run
from leakwatch.cli.program_survivors import ProgramSurvivors, home_of
from leakwatch.command import Subcommand
from leakwatch.compare.combine import Whole
from leakwatch.config import Config
from leakwatch.errors import SnapshotError
from leakwatch.forking.analysis import FORK
from leakwatch.report import Report
from leakwatch.reports.brief import render as brief
from leakwatch.reports.text import render

EPILOG = """\
The program sees its own sys.argv, sys.path[0] and __main__, and its output is not touched.
When it ends, and its threads have ended, the objects that are still alive are judged; then the
report is printed after the program's own output. `atexit` callbacks run after that. Ctrl-C,
SIGTERM, SIGHUP and `os._exit` are ends too.

Children that the program forks are counted, and judged where -o FILE has `{pid}` in its name:
each writes its own file, and in the end the first process tells what all of them say together.

At the end of a program everything global is still alive. So only instances of its own
classes count (those of __main__, of the package that is run, and of modules below the
program's folder), and only where at least --min-count of them are held in the same way. Of
installed packages those count that became more from the beginning to the end.

examples:
  leakwatch run app.py --port 8000
  leakwatch run -m shop.server
  leakwatch run -o leaks.json app.py         the report into a file, stdout untouched
  leakwatch run --types 'sqlalchemy.*' app.py
  leakwatch run --sample 1 -o leaks.html -m shop.server     memory over time
  leakwatch run --fail-on-leak -m pytest     for CI: exit with 1 if something leaks
  leakwatch run --snapshot-at-exit heap.lwheap app.py     to be asked later
  leakwatch run -o 'leaks-{pid}.json' gunicorn app:app     each worker as well

exit codes: the program's own; with --fail-on-leak 1 if there are leaks that the baseline does
not accept and it succeeded, with --fail-on-growth if its memory grew without them;
2 usage or configuration, also a pattern of --types that no class fits; 3, if the program
succeeded, a fault of leakwatch itself, or children that were not judged (--ignore-children
leaves them aside); 130 Ctrl-C; SIGTERM and SIGHUP end it.
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
    parser.add_argument(
        "--door",
        action="store_true",
        help="let `leakwatch attach` ask the program, and its forked children, while they run",
    )
    add_output(parser)
    add_options(
        parser,
        "types",
        "min_count",
        "fail_on_leak",
        "fail_on_growth",
        "ignore_children",
        "baseline",
        "max_objects",
        "max_seconds",
        "trim",
        "every",
        "sample",
    )
    parser.add_argument(
        "--snapshot-at-exit",
        metavar="FILE",
        help="write the heap to this file when the program ends, to be asked by "
        "`leakwatch snapshot`; `{pid}` in its name is the number of the process",
    )
    add_heap_options(parser, "--snapshot-")
    add_program(parser)


def run_command(arguments: argparse.Namespace) -> int:
    """See `leakwatch.command.Subcommand`."""
    config: Config = arguments.config
    chosen = format_for(config, arguments.output)
    program = program_of(arguments)
    if arguments.door:
        open_door(in_children=True)
    survivors = ProgramSurvivors(str(program), home_of(program), config, baseline_of(config))
    each = not config.ignore_children and PID in (arguments.output or "")
    with Family(survivors.restart_in_child if each else None) as family:
        end = ProgramEnd(survivors, family, chosen, arguments)
        with Endings(end.judge_and_combine, end.process.judge_early) as endings, survivors:
            end.process.endings = endings
            code = end.process.judge_once(
                run(program, survivors.top_level, survivors.top_level_ended)
            )
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
        self._survivors = survivors
        self._family = family
        self._chosen = chosen
        self._output: str | None = arguments.output
        self._config: Config = arguments.config
        self._here = current_folder()
        self._heap: str | None = arguments.snapshot_at_exit
        self._contents = contents_of(arguments)
        self._judges_children = not self._config.ignore_children and PID in (self._output or "")
        self.process = ProcessEnd(
            survivors, family, debug=self._config.debug, write=self._write, gap=self._not_judged
        )

    def _write_heap(self) -> bool:
        """Write the heap to a file if that was asked for; False if it failed."""
        if self._heap is None:
            return True
        from leakwatch.snapshots.writing import write_snapshot

        path = path_from(self._heap.replace(PID, str(os.getpid())), self._here)
        assert path is not None
        try:
            info = write_snapshot(path, FORK, self._contents)
        except SnapshotError as error:
            complain(str(error))
            return False
        remark(f"the heap is in {path}: {info.objects:,} objects, {info.bytes:,} bytes")
        return True

    def _not_judged(self) -> str | None:
        """Why this process cannot judge the whole program, if no other process judges the rest."""
        if self._judges_children or self._config.ignore_children:
            return None
        return "; ".join(self._family.not_judged()) or None

    def _write(self, report: Report, code: int) -> int:
        """Write the heap, if asked for, and the report; gives the exit code to end with."""
        written = self._write_heap()
        output = (self._output or "").replace(PID, str(os.getpid())) or None
        found = deliver([report], self._chosen, path_from(output, self._here))
        if not self._family.is_first():
            self._family.add(report)
            return code
        if self._survivors.unmatched:
            found = USAGE
        return code or self._code_of(found, report) or (CLEAN if written else FAULT)

    def _code_of(self, code: int, report: Report) -> int:
        """The exit code that a report means here, where leaks alone may fail nothing."""
        meant = CLEAN if code == LEAKS and not self._config.fail_on_leak else code
        return code_with_growth(meant, report, self._config)

    def judge_and_combine(self, code: int) -> int:
        """Judge this process, once; the first process also says what all of them found."""
        return self._combine(self.process.judge_once(code))

    def finish(self, code: int) -> int:
        """End as the signal wanted, or combine the reports; gives the exit code."""
        if self.process.stopped and self.process.stopped != SIGINT:
            die_by(self.process.stopped)
        if self._has_judged_children():
            # Children of `multiprocessing` are waited for in there.
            atexit._run_exitfuncs()
        return self._combine(code)

    def _has_judged_children(self) -> bool:
        return self._judges_children and self._family.is_first() and self._family.forked() > 0

    def _combine(self, code: int) -> int:
        """Say what all processes found together, where each has judged itself."""
        if not self._has_judged_children() or self.process.report is None:
            return code
        found = told_together([self.process.report], self._family, Whole("process", "processes"))
        say_all(brief(found) if is_quiet() else render(found))
        return code or self._code_of(exit_code(found), found)


COMMAND = Subcommand(
    "run", "run a program and report what it left behind", add_arguments, run_command
)
