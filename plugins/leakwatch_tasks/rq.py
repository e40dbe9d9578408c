"""RQ: a worker that runs its jobs in its own process.

The usual worker of RQ forks for each job, and what the job leaves behind ends with that child.
"""

from typing import TYPE_CHECKING, Any, ClassVar

from rq import SimpleWorker
from rq.job import Job

from leakwatch_tasks import count_task

if TYPE_CHECKING:
    from leakwatch.integration import MonitorOptions

UNKNOWN = "job"
"""The name of a job that cannot be read."""


class LeakwatchWorker(SimpleWorker):
    """Counts each job that it has done.

    Attributes:
        monitor_options: of `leakwatch.monitor`; for a subclass to set.
    """

    monitor_options: ClassVar["MonitorOptions"] = {}

    def perform_job(self, job: Job, *rest: Any, **named: Any) -> bool:
        """Do one job."""
        try:
            return super().perform_job(job, *rest, **named)
        finally:
            count_task(name_of(job), **self.monitor_options)


def name_of(job: Job) -> str:
    """The name of the function, if the job can be read: RQ has told of it if not."""
    try:
        return job.func_name or UNKNOWN
    except Exception:  # noqa: BLE001 - whatever the program's serializer raises
        return UNKNOWN
