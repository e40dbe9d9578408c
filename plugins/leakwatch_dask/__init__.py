"""A monitor in each worker of a Dask cluster, and one report for all of them.

    leakwatch_dask.monitor(client)
    ...
    print(leakwatch_dask.report(client))

Before that nothing is imported. leakwatch has to be installed where the workers and the scheduler
are.

PYTEST_DONT_REWRITE: imported before pytest or after, this package is the same.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from distributed import Client

    from leakwatch import Report

__all__ = ["monitor", "report"]


def monitor(
    client: "Client",
    *,
    every: float = 60.0,
    types: Iterable[type | str] | None = None,
    budget: float = 0.01,
) -> None:
    """Start a monitor in each worker that there is, and in those that come later.

    A task is a unit of work, so growth is told per task. Each cause that a worker finds is an
    event of the topic `leakwatch`, which the scheduler keeps: `client.get_events("leakwatch")`.
    So a worker that is killed for its memory has told what it had found by then.

    Args:
        client: of the cluster.
        every: seconds between looks, as for `leakwatch.monitor`.
        types: which types are asked about; None for all.
        budget: share of the time of each worker that looks may take.
    """
    from leakwatch_dask.workers import Monitors

    client.register_plugin(Monitors(every=every, types=types, budget=budget))


def report(client: "Client") -> "Report":
    """Let each worker look now, and combine what all have found so far, on the scheduler.

    Args:
        client: of a cluster whose workers have monitors.

    Returns:
        one report; its leaks say in how many workers each was found, and in which. `not_judged`
        says which worker could not be asked or has looked too seldom so far.
    """
    from leakwatch_dask.combining import combined_report

    return combined_report(client)
