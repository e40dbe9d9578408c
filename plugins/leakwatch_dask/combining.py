"""What the workers of a cluster have found, as one report, which the scheduler makes."""

from collections.abc import Mapping
from typing import Any

from distributed import Client, Scheduler

from leakwatch import Report
from leakwatch.integration import Whole, described, report_from_json
from leakwatch_dask.workers import TOPIC, as_json, look

NO_MONITOR = "this worker has no monitor: call leakwatch_dask.monitor(client) first"


def combined_report(client: Client) -> Report:
    """See `leakwatch_dask.report`."""
    answers = client.run(look, on_error="return")
    now = {worker: answer_of(worker, answer) for worker, answer in answers.items()}
    return read(client.run_on_scheduler(combined, now))  # type: ignore[no-untyped-call]


def answer_of(worker: str, answer: Any) -> str:
    """The report of a worker, or that it gave none; as text."""
    if isinstance(answer, str):
        return answer
    reason = NO_MONITOR if answer is None else described(answer)
    return as_json(Report(f"worker {worker}", "growing", not_judged=reason))


def combined(now: Mapping[str, str], dask_scheduler: Scheduler) -> str:
    """One report of what workers say now, and of what those told that are gone.

    Args:
        now: reports by the address of the worker.
        dask_scheduler: has the events.
    """
    told = {event["worker"]: event["report"] for _, event in dask_scheduler.get_events(TOPIC)}
    whole = Whole("worker", "workers")
    for text in {**told, **now}.values():
        whole.add(read(text))
    return as_json(whole.report())


def read(text: str) -> Report:
    """A report from its text."""
    return report_from_json(text, "the report of a worker")
