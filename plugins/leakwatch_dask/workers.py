"""The plugin of the workers: a monitor in each, which tells the scheduler what it finds."""

import asyncio
import json
import sys
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from distributed import Worker, WorkerPlugin

import leakwatch
from leakwatch import Report, hookimpl
from leakwatch.extending import KnownLeak
from leakwatch.integration import take_part
from leakwatch.model import Leak

NAME = TOPIC = "leakwatch"
DONE = frozenset({"memory", "error"})
"""States of a task that has run."""
OF_A_WORKER = "distributed.worker.Worker.*"
"""What a worker refers to: results, and what it notes of tasks and messages."""


class Monitors(WorkerPlugin):
    """A monitor in each worker; a task is a unit of work.

    Args:
        every: seconds between looks.
        types: which types are asked about; None for all.
        budget: share of the time that looks may take.
    """

    name = NAME

    def __init__(self, *, every: float, types: Iterable[type | str] | None, budget: float) -> None:
        self._options: dict[str, Any] = {
            "every": every,
            "types": None if types is None else list(types),
            "budget": budget,
        }

    def setup(self, worker: Worker) -> None:
        """Start the monitor of a worker."""
        take_part(sys.modules[__name__], "dask")
        self._worker = worker
        self._found: dict[str, Leak] = {}
        self._monitor = leakwatch.monitor(on_report=self._tell, **self._options)

    def teardown(self, worker: Worker) -> None:
        """End it."""
        self._monitor.stop()

    def transition(self, key: Any, start: Any, finish: Any, **others: Any) -> None:
        """Count the tasks that have run."""
        if start == "executing" and finish in DONE:
            self._monitor.count()

    def look(self) -> Report:
        """Look now; what this worker has found so far."""
        report = self._monitor.look()
        self._found.update((it.signature, it) for it in report.known if it.signature in self._found)
        return self._so_far(report)

    def _tell(self, report: Report) -> None:
        event = {"worker": self._worker.address, "report": as_json(self._so_far(report))}
        self._worker.log_event(TOPIC, event)

    def _so_far(self, report: Report) -> Report:
        """A report with all causes that were found, each as it was found last; it has no notes."""
        self._found.update((it.signature, it) for it in report.leaks)
        where = f"in worker {self._worker.name}"
        leaks = (replace(it, reasons=(*it.reasons, where)) for it in list(self._found.values()))
        known = (it for it in report.known if it.signature not in self._found)
        return replace(
            report,
            scope=f"worker {self._worker.name}",
            leaks=tuple(leaks),
            known=tuple(known),
            notes=(),
        )


@hookimpl
def leakwatch_known_leaks() -> list[KnownLeak]:
    """See `leakwatch.hookspecs`."""
    reason = "Dask's worker keeps it: results that somebody has a future of, and its own notes"
    return [KnownLeak("dask-worker", reason, references=(OF_A_WORKER,))]


def as_json(report: Report) -> str:
    """A report as text, for what Dask sends of itself are simple values."""
    return json.dumps(report.to_dict())


async def look(dask_worker: Worker) -> str | None:
    """What a worker has found so far, looking once more; None where it has no monitor."""
    plugin = dask_worker.plugins.get(NAME)
    if not isinstance(plugin, Monitors):
        return None
    return as_json(await asyncio.to_thread(plugin.look))
