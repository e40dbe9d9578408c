"""The one monitor of a process: who counts work there takes the one that runs, or starts it.

A request may be counted by a middleware in a worker whose hooks have started a monitor; a second
one would look at the same heap again.
"""

import os
from collections.abc import Callable, Iterable
from threading import Lock
from typing import TYPE_CHECKING, TypedDict, Unpack

from leakwatch.api import monitor
from leakwatch.errors import FaultWarning
from leakwatch.isolation.calls import described, warn
from leakwatch.report import Report

if TYPE_CHECKING:
    from leakwatch.monitoring.monitor import Monitor


class MonitorOptions(TypedDict, total=False):
    """The arguments of `leakwatch.monitor`."""

    every: float
    types: Iterable[type | str] | None
    on_report: Callable[[Report], object] | None
    budget: float


class ProcessMonitor:
    """The monitor that was taken last.

    Attributes:
        lock: held while one is started; anew in a forked child, where nobody would release it.
        taken: that one.
    """

    def __init__(self) -> None:
        self.taken: Monitor | None = None
        self.renew()

    def renew(self) -> None:
        """Be of this process."""
        self.lock = Lock()


_here = ProcessMonitor()


def monitor_here(**options: Unpack[MonitorOptions]) -> "Monitor":
    """The monitor that runs in this process; where none does, one is started.

    Costs half a microsecond where one runs. After a fork, the first call in the child starts one.

    Args:
        options: of `leakwatch.monitor`, for the case that one is started.

    Raises:
        ConfigurationError: as `leakwatch.monitor` does.
    """
    found = _here.taken
    if found is None or not found.running:
        with _here.lock:
            found = _here.taken = running_here() or monitor(**options)
    return found


def count_here(name: str, **options: Unpack[MonitorOptions]) -> None:
    """Count one unit of work that has ended, for the monitor of this process.

    Never raises: the work was done, whether a monitor can be started or not. A fault is a warning.

    Args:
        name: what work it was, such as the template of a route.
        options: of `leakwatch.monitor`, for the case that it is started now.
    """
    try:
        monitor_here(**options).count(name=name)
    except Exception as fault:  # noqa: BLE001 - no thread is left, or an option makes no sense
        warn(f"{name} was not counted: {described(fault)}", FaultWarning, 2)


def running_here() -> "Monitor | None":
    """The monitor that runs in this process, or None."""
    from leakwatch.monitoring.monitor import running_monitors

    return next(iter(running_monitors()), None)


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_here.renew)
