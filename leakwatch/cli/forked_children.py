"""The processes that repeated work forks: each is judged at its end, all are told together."""

import atexit
from collections.abc import Callable
from dataclasses import replace
from types import TracebackType
from typing import Self

from leakwatch.cli.endings import Endings
from leakwatch.cli.family import Family
from leakwatch.cli.messages import CLEAN, exit_code, say, say_all
from leakwatch.cli.process_end import ProcessEnd, told_together
from leakwatch.cli.program import FAILED, current_folder, end_threads, exit_status
from leakwatch.cli.program_survivors import ALL, Home, ProgramSurvivors
from leakwatch.compare.baseline import Baseline
from leakwatch.compare.combine import Whole
from leakwatch.config import Config
from leakwatch.errors import LeakwatchError, shortened
from leakwatch.report import Report
from leakwatch.reports.text import render


class ForkedChildren:
    """Judges the children of some work; use it in a `with` block from before its import.

    Nothing is repeated in a child, or nobody knows what: so it is judged by what it has left since
    its fork, of all types, where several are held in the same way in containers.

    Args:
        work: its name, `MODULE:FUNCTION`.
        config: how many make a leak, and the budget.
        baseline: what is accepted.
    """

    def __init__(self, work: str, config: Config, baseline: Baseline) -> None:
        self._name = f"forked children of {shortened(work)}"
        survivors = ProgramSurvivors(
            self._name,
            Home(work.partition(":")[0].partition(".")[0], current_folder()),
            replace(config, types=(ALL,)),
            baseline,
            entries_only=True,
            doom="still alive at the end of a forked child",
        )
        self._family = Family(survivors.restart_in_child)
        self._end = ProcessEnd(survivors, self._family, debug=config.debug, write=self._write)
        self._endings = self._end.endings = Endings(self._judge_child)

    def __enter__(self) -> Self:
        self._family.__enter__()
        self._endings.__enter__()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._endings.__exit__(kind, error, traceback)
        self._family.__exit__(kind, error, traceback)

    def _write(self, report: Report, code: int) -> int:
        self._family.add(report)
        return code

    def _judge_child(self, code: int) -> int:
        """Judge this process if it is a child; the work itself is judged by what grows."""
        return code if self._family.is_first() else self._end.judge_once(code)

    def judged_with(self, hunt: Callable[[], int]) -> int:
        """Do and judge the work, then tell of the children; gives the exit code.

        Args:
            hunt: does the work, tells of it and gives the exit code of that. A child that does not
                leave by `os._exit` comes out of it too.
        """
        try:
            code = hunt()
        except SystemExit as leaving:
            code = exit_status(leaving)
        except LeakwatchError:
            if self._family.is_first():
                raise
            code = FAILED
        if self._family.is_first():
            return max(code, self._tell())
        return self._judge_child(code)

    def _tell(self) -> int:
        """Say what the children found together, and give the exit code that it means."""
        if self._family.forked():
            # Those of `multiprocessing`, and of executors, are waited for in there.
            end_threads()
            atexit._run_exitfuncs()
        found = told_together([], self._family, Whole("child", "children"))
        if not (self._family.forked() or found.not_judged):
            say("leakwatch: the work has forked no children")
            return CLEAN
        # The memory of a child grows by each page that it does not share any more.
        found = replace(found, scope=self._name, memory=None)
        say_all(render(found))
        return exit_code(found)
