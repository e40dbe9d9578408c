"""RQ: a worker that runs its jobs in its own process."""

from tests.services import module

WORKER = """
from leakwatch_tasks.rq import LeakwatchWorker
class Worker(LeakwatchWorker):
    monitor_options = {"every": 0.2, "budget": 1.0}
"""
SEND = """
import os, time, redis, rq, jobs
queue = rq.Queue(connection=redis.Redis.from_url(os.environ["REDIS"]))
while True:
    queue.enqueue(jobs.add); queue.enqueue(jobs.fail); time.sleep(0.01)
"""
RUN = """
import os, redis, rq.cli, worker
rq.cli.main(["worker", "-q", "-w", "worker.Worker", "--url", os.environ["REDIS"]])
"""


def test_jobs_are_counted_by_function_and_what_they_leave_is_told(work):
    files = {"worker.py": WORKER, "send.py": SEND, "run.py": RUN}
    assert work(files, module("run")) == {"jobs.add", "jobs.fail"}
