"""Celery: by its signals, in whichever process or thread the task was run."""

from typing import TYPE_CHECKING, Any, Unpack

from celery.signals import task_postrun

from leakwatch_tasks import count_task

if TYPE_CHECKING:
    from leakwatch.integration import MonitorOptions


def count_tasks(**options: "Unpack[MonitorOptions]") -> None:
    """Count each task that this process, or a child of it, has run; to be called once.

    Args:
        options: of `leakwatch.monitor`.
    """

    def count(sender: Any, **_: object) -> None:
        count_task(sender.name, **options)

    task_postrun.connect(count, weak=False, dispatch_uid=__name__)
