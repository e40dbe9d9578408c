"""A process at its end, judged once, and what all processes of a family say together."""

import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace

from leakwatch.cli.endings import SHELL, Endings, Stopped
from leakwatch.cli.family import Family
from leakwatch.cli.messages import complain_of_fault, fault_as_reason
from leakwatch.cli.program_survivors import ProgramSurvivors
from leakwatch.cli.terminal import working
from leakwatch.compare.combine import Whole
from leakwatch.interpreter import monotonic
from leakwatch.report import Report
from leakwatch.stages import Stage, begins

FAREWELL = 10.0
"""Seconds in which a program that was asked to end is taken to end for that reason."""


class ProcessEnd:
    """Judges a process at its end, once; a forked child has a copy, and judges itself.

    Args:
        survivors: what the process left behind.
        family: the processes.
        debug: whether to print the traceback of a fault of leakwatch itself.
        write: is given the report and the exit code of the program, and returns the one to end
            with.
        gap: gives why the process cannot speak for the whole program, or None.

    Attributes:
        endings: the block in which it is asked; to be set before.
        report: of this process, once it is judged.
        stopped: the number of the signal that ended the judgement, or 0.
    """

    def __init__(
        self,
        survivors: ProgramSurvivors,
        family: Family,
        *,
        debug: bool,
        write: Callable[[Report, int], int],
        gap: Callable[[], str | None] = lambda: None,
    ) -> None:
        self.endings: Endings | None = None
        self.report: Report | None = None
        self.stopped = 0
        self._survivors = survivors
        self._family = family
        self._debug = debug
        self._write = write
        self._gap = gap
        self._done: set[int] = set()
        self._fault: str | None = None
        self._early: dict[int, tuple[float, Report]] = {}

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

    def judge_early(self) -> None:
        """Judge this process when it is asked to end, while its functions have their variables.

        A program that handles the signal and goes on is judged again at its end.
        """
        if (
            os.getpid() in self._early
            or os.getpid() in self._done
            or not self._family.is_judged_here()
        ):
            return
        assert self.endings is not None
        try:
            with self.endings.stoppable(late=False):
                report = self._told_early()
                self._early[os.getpid()] = (monotonic(), report)
        except Stopped:
            return  # asked again: it is judged when the program has ended
        except Exception as error:  # noqa: BLE001 - the program ends as it would, whatever fails here
            complain_of_fault(error, debug=self._debug)
            self._fault = fault_as_reason(error)

    def _told_early(self) -> Report:
        with working("looking at what the program has left behind", sys.__stderr__):
            begins(Stage.SETTLE)
            return self._survivors.judge(self._gap(), early=True)

    def _known(self) -> Report | None:
        """What was judged early, if the program has ended since as it was asked to."""
        at, report = self._early.get(os.getpid(), (0.0, None))
        if report is None or monotonic() - at > FAREWELL:
            return None
        return replace(report, not_judged=self._gap() or report.not_judged)

    def _stopped_by(self, stopped: Stopped) -> int:
        self.stopped = stopped.number
        return SHELL + stopped.number

    def _judge(self, code: int) -> int:
        """Judge, and write a report even if a signal or a fault of leakwatch ends that."""
        try:
            with working("looking at what the program left behind", sys.__stderr__):
                begins(Stage.SETTLE)
                gap = "; ".join(filter(None, [self._gap(), self._fault])) or None
                self.report = self._known() or self._survivors.judge(gap)
        except Stopped as stopped:
            self.report = self._survivors.unfinished(f"ended by {stopped} while it was judged")
            code = self._stopped_by(stopped)
        except Exception as error:  # noqa: BLE001 - what the program did stands, whatever fails here
            complain_of_fault(error, debug=self._debug)
            self.report = self._survivors.unfinished(fault_as_reason(error))
        return self._write(self.report, code)


def told_together(own: Sequence[Report], family: Family, whole: Whole) -> Report:
    """What the processes of a family found together; waits a little for children that still live.

    Args:
        own: the reports of the first process that are part of the answer.
        family: the processes.
        whole: an empty sum, to which their reports are added.
    """
    others = family.reports()
    for report in (*own, *others):
        whole.add(report)
    found = whole.report()
    missing = [found.not_judged, *family.not_judged(len(others))]
    return replace(found, not_judged="; ".join(filter(None, missing)) or None)
