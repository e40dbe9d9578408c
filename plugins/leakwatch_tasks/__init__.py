"""Task queues: each task is a unit of work, and its name is the unit's.

    leakwatch_tasks.celery.count_tasks()                        # beside the application
    rq worker -w leakwatch_tasks.rq.LeakwatchWorker
    broker.add_middleware(leakwatch_tasks.dramatiq.LeakwatchMiddleware())
    functions = leakwatch_tasks.arq.counted(send_mail)          # in WorkerSettings

Nothing is judged at the end of a task, and nothing collected: one monitor looks at each process
that works, every so often. It starts with the first task that ends there, and so after a fork.

PYTEST_DONT_REWRITE: imported before pytest or after, this package is the same.
"""

from typing import TYPE_CHECKING, Unpack

import leakwatch  # noqa: F401 - it opens what LEAKWATCH_DOOR asks for, before the first task

if TYPE_CHECKING:
    from leakwatch.integration import MonitorOptions

__all__ = ["count_task"]


def count_task(name: str, **options: "Unpack[MonitorOptions]") -> None:
    """Count a task that has ended, for the monitor of this process.

    Args:
        name: of the task.
        options: of `leakwatch.monitor`, for the case that it is started now.
    """
    from leakwatch.integration import count_here

    count_here(name, **options)
