"""A look every so often, on a thread of its own, for as long as the process lives.

The looks of a course are far apart, and the longer nothing is found the farther: whatever is slow
needs hours to be seen. What rises is explained, and while it goes on more seldom; a cause that was
told is counted from then on.
"""

import atexit
import os
from collections import deque
from collections.abc import Callable
from dataclasses import replace
from threading import Event, Lock, Thread, current_thread
from types import TracebackType
from typing import Self

from leakwatch.errors import FaultWarning
from leakwatch.interpreter import getpid, monotonic, thread_time
from leakwatch.isolation.calls import described, warn
from leakwatch.model import Leak, LookTaken
from leakwatch.monitoring.door import close_unless_asked_for
from leakwatch.monitoring.looks import NAME, PARTS, Course, Types
from leakwatch.monitoring.units import Units
from leakwatch.report import Report
from leakwatch.tracking.case import Host, answered
from leakwatch.tracking.on_leak import log
from weakrefs import WeakSet

THREAD = "leakwatch-monitor"
FEWEST = 4
"""Looks from which growth can be told."""
MOST_LOOKS = 2 * PARTS + 1
"""Looks of a course; then every second one is left out, and the course goes on."""
MOST_STRIDE = 32
"""Looks made for one that stays; then a new course begins, so that a leak which begins on the
tenth day is not weighed against nine without one."""
MOST_PAUSE = 3
"""Judgements that are left out while nothing new rises."""
MOST_REPORTS = 20
"""Reports that are kept; what they told is counted for ever."""
MOST_SIGNATURES = 1000
PATIENCE = 1.0
"""Seconds that `stop` waits for a look that is at work."""

OnReport = Callable[[Report], object]


class Told:
    """Causes that were told; what is found again is known, and counted.

    Attributes:
        times: how often each was found, by signature.
    """

    def __init__(self) -> None:
        self.times: dict[str, int] = {}

    def revised(self, report: Report) -> Report:
        """The report with what was told before among what is known."""
        new = tuple(leak for leak in report.leaks if leak.signature not in self.times)
        again = tuple(self._again(it) for it in report.leaks if it.signature in self.times)
        for leak in report.leaks[:MOST_SIGNATURES]:
            if leak.signature in self.times or len(self.times) < MOST_SIGNATURES:
                self.times[leak.signature] = self.times.get(leak.signature, 0) + 1
        return replace(report, leaks=new, known=(*report.known, *again))

    def _again(self, leak: Leak) -> Leak:
        times = self.times[leak.signature]
        return replace(leak, reasons=(*leak.reasons, f"told before; found {times + 1} times"))


class Monitor:
    """Looks at this process every so often, from its construction until `stop`.

    In a forked child there is none: the child may have one of its own.

    Args:
        every: seconds between looks; longer where a look takes more than the budget.
        types: classes and patterns that are asked about; None for all.
        on_report: hears of each report with a cause that was not told before; without one the
            logger `leakwatch` has it, and standard error where no logging is set up.
        budget: share of the time that looks may take.
        host: the session; it applies what `told` has told.
        told: the causes that were told.
    """

    def __init__(
        self,
        *,
        every: float,
        types: Types | None,
        on_report: OnReport | None,
        budget: float,
        host: Host,
        told: Told,
    ) -> None:
        self._every, self._types, self._on_report = every, types, on_report
        self._budget, self._host, self._told = budget, host, told
        self._course = Course(types)
        self._reports: deque[Report] = deque(maxlen=MOST_REPORTS)
        self._units, self._done = Units(), dict[str, int]()
        self._explained: frozenset[int] = frozenset()
        self._pauses, self._pause = 0, 0
        self.forget_the_parent()
        _monitors.add(self)
        self._thread = Thread(target=self._run, name=THREAD, daemon=True)
        self._thread.start()

    def forget_the_parent(self) -> None:
        """Be of this process; in a forked child there is no thread, and the event may be locked."""
        self._process, self._wake = getpid(), Event()

    def count(self, n: int = 1, name: str = "") -> None:
        """Count units of work, such as requests: growth is then told per unit.

        Costs a third of a microsecond and takes no lock.

        Args:
            n: how many.
            name: what work it was, such as the template of a route; reports say how much of each
                was done meanwhile. Of more than 200 names the further ones are counted together.
        """
        self._units.add(n, name)

    @property
    def running(self) -> bool:
        """Whether it looks at this process: it was started here, and was not stopped."""
        return not self._wake.is_set() and self._process == getpid() and self._thread.is_alive()

    @property
    def reports(self) -> tuple[Report, ...]:
        """The last reports in which a cause was told for the first time, oldest first."""
        return tuple(self._reports)

    @property
    def status(self) -> dict[str, object]:
        """What it does: whether it runs, its looks and their price, work done, what was told."""
        return {
            "running": self.running,
            "every": self._every,
            "looks": self._looks,
            "spent": round(self._spent, 3),
            "units": dict(self._done),
            "causes": dict(self._told.times),
        }

    def look(self) -> Report:
        """Look now, and judge what has been seen since the first look of this course.

        Returns:
            the report; causes that were told before are among its `known`. With too few looks to
            tell growth, or in a forked child, `not_judged` says so.
        """
        if not self.running:
            return Report(NAME, "growing", not_judged="this monitor does not run in this process")
        with _one_look.lock:
            taken = self._take()
            report = self._judge()
        self._host.looked(taken)
        self._tell(report)
        return report

    def stop(self) -> None:
        """End the thread; a look that is at work is waited for a moment."""
        self._wake.set()
        if self._process == getpid() and self._thread is not current_thread():
            self._thread.join(PATIENCE)
        if not running_monitors():
            close_unless_asked_for()

    def wake_to_end(self) -> None:
        """Begin no further look: the process ends."""
        self._wake.set()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()

    _looks = 0
    _spent = 0.0

    def _run(self) -> None:
        wait = 0.0
        while not self._wake.wait(wait):
            before = self._spent
            try:
                self._tell(self._look_and_judge())
            except Exception as fault:  # noqa: BLE001 - of ours, or of memory; the service goes on
                warn(f"a look of the monitor failed: {described(fault)}", FaultWarning, 2)
            wait = max(self._every, (self._spent - before) / self._budget)

    def _take(self) -> LookTaken:
        # Of this thread: while it waits for the interpreter's lock, the program is at work.
        began = thread_time()
        done, before = self._units.so_far(), sum(self._done.values())
        self._course.look(done)
        self._looks += 1
        seconds = thread_time() - began
        self._spent += seconds
        self._done = done
        objects = sum(self._course.looks[-1].counts.values())
        return LookTaken(self._every, seconds, objects, sum(done.values()) - before)

    def _look_and_judge(self) -> Report | None:
        """Look, and where it is time for it, judge."""
        with _one_look.lock:
            taken = self._take()
            report = None
            if self._is_due() and self._is_worth_it():
                report = self._judge()
            self._keep_within_bounds()
        self._host.looked(taken)
        return report

    def _is_due(self) -> bool:
        return len(self._course.looks) > PARTS and self._course.last_stays

    def _keep_within_bounds(self) -> None:
        if len(self._course.looks) < MOST_LOOKS or not self._course.last_stays:
            return
        self._course.thin()
        if self._course.stride > MOST_STRIDE:
            self._course = Course(self._types)

    def _is_worth_it(self) -> bool:
        """Whether something rises; what was explained is explained anew ever more seldom."""
        if not self._course.grows():
            return False
        if not self._course.rising() <= self._explained:
            self._pauses = self._pause = 0
            return True
        self._pauses += 1
        if self._pauses <= self._pause:
            return False
        self._pauses, self._pause = 0, min(2 * self._pause + 1, MOST_PAUSE)
        return True

    def _judge(self) -> Report:
        course = self._course
        if len(course.looks) < FEWEST:
            return Report(NAME, "growing", not_judged=too_few(len(course.looks), self._every))
        began = monotonic()
        report = answered(lambda: self._host.conclude(course.case(None)), NAME, "growing")
        self._spent += monotonic() - began
        if not report.not_judged:
            self._explained |= course.rising()
        if report.leaks:
            self._reports.append(report)
        if report.leaks or report.not_judged:
            # After a failure too: the pause that follows would make one part longer than others.
            self._course = Course(self._types)
        return report

    def _tell(self, report: Report | None) -> None:
        if report is None or report.ok:
            return
        try:
            # A server that sets up no logging would show nothing of what the plugins log.
            (self._on_report or log)(report)
        except Exception as error:  # noqa: BLE001 - of the program; the monitor goes on
            warn(f"on_report of the monitor failed: {described(error)}", FaultWarning, 2)


def too_few(looks: int, every: float) -> str:
    """Why nothing can be told yet."""
    return f"{looks} of {FEWEST} looks were made, one every {every:g} seconds; ask again later"


class OneLook:
    """One look at a time, of all monitors of the process.

    Attributes:
        lock: held while one is at work; anew in a forked child, where nobody would release it.
    """

    def __init__(self) -> None:
        self.lock = Lock()


_one_look = OneLook()
_monitors: WeakSet[Monitor] = WeakSet()


def running_monitors() -> list[Monitor]:
    """The monitors that were started in this process."""
    return [it for it in _monitors if it.running]


def end_all() -> None:
    """The process ends: no further look begins, and nobody is waited for."""
    for monitor in list(_monitors):
        monitor.wake_to_end()


def forget_in_child() -> None:
    """A forked child has no monitor unless it starts one."""
    _one_look.lock = Lock()
    for monitor in list(_monitors):
        monitor.forget_the_parent()
        monitor.wake_to_end()


atexit.register(end_all)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=forget_in_child)
