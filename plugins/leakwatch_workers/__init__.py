"""Programs that work in several processes: a monitor in each, and a report when it ends.

    from leakwatch_workers import post_worker_init, worker_exit     # in gunicorn.conf.py
    app = FastAPI(lifespan=leakwatch_workers.lifespan)              # uvicorn --workers 4
    multiprocessing.Pool(4, leakwatch_workers.begin_in_child)

`Workers("leaks-{pid}.json", every=30.0)` has the same with a file of each, and with options.

PYTEST_DONT_REWRITE: imported before pytest or after, this package is the same.
"""

import os
import warnings
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import reduce
from multiprocessing import util
from typing import TYPE_CHECKING, Unpack

from leakwatch.errors import FaultWarning, ReportFileError

if TYPE_CHECKING:
    from leakwatch.integration import MonitorOptions
    from leakwatch.report import Report

__all__ = ["Workers", "begin_in_child", "lifespan", "post_worker_init", "worker_exit"]


class Workers:
    """What a worker does when it begins and when it ends, in the words of several servers.

    Args:
        reports: name of the file for the report of a worker; its suffix decides the format, and
            `{pid}` in it is the number of the process. Without one the plugins hear of what is
            found, and no file is written.
        options: of `leakwatch.monitor`.
    """

    def __init__(self, reports: str = "", **options: "Unpack[MonitorOptions]") -> None:
        self._reports, self._options = reports, options

    def begin(self) -> None:
        """Start a monitor in this process, unless one runs."""
        from leakwatch.integration import monitor_here

        monitor_here(**self._options)

    def end(self) -> None:
        """Look once more, write the report of all that was found, and stop the monitor."""
        from leakwatch.integration import running_here

        monitor = running_here()
        if monitor is None:
            return
        last = monitor.look()
        earlier = [it for it in monitor.reports if it is not last]
        monitor.stop()
        if self._reports:
            write(all_of(last, earlier), self._reports.replace("{pid}", str(os.getpid())))

    def post_worker_init(self, worker: object) -> None:
        """A worker of gunicorn has loaded the application: what that made is no growth."""
        self.begin()

    def worker_exit(self, server: object, worker: object) -> None:
        """A worker of gunicorn ends."""
        self.end()

    @asynccontextmanager
    async def lifespan(self, app: object) -> AsyncIterator[None]:
        """The life of an ASGI application: from its startup to its shutdown."""
        self.begin()
        try:
            yield
        finally:
            self.end()

    def begin_in_child(self) -> None:
        """The initializer of a pool of processes; such a child ends without `atexit`."""
        self.begin()
        util.Finalize(None, self.end, exitpriority=0)


def all_of(last: "Report", earlier: "list[Report]") -> "Report":
    """The last report with the causes that earlier ones have told: there they are known."""
    from leakwatch.integration import merged_reports

    report = reduce(merged_reports, earlier, last)
    told = {leak.signature for leak in report.leaks}
    return replace(report, known=tuple(it for it in report.known if it.signature not in told))


def write(report: "Report", file: str) -> None:
    """Write a report; the worker ends in order though that fails."""
    try:
        report.save(file)
    except ReportFileError as error:
        warnings.warn(f"no report of this worker: {error}", FaultWarning, stacklevel=2)


_plain = Workers()
begin_in_child, lifespan = _plain.begin_in_child, _plain.lifespan
post_worker_init, worker_exit = _plain.post_worker_init, _plain.worker_exit
