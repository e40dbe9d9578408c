"""arq: a worker whose functions are counted."""

import pytest

from tests.services import module

# Not in the extra `dev`: it wants an older client of Redis than Celery does.
pytest.importorskip("arq")

WORKER = """
import os, arq
from leakwatch_tasks.arq import counted
import jobs
async def add(ctx): jobs.add()
async def fail(ctx): jobs.fail()
class Settings:
    functions = counted(add, arq.func(fail, name="jobs.fail"), every=0.2, budget=1.0)
    redis_settings = arq.connections.RedisSettings.from_dsn(os.environ["REDIS"])
    poll_delay = 0.01
"""
SEND = """
import asyncio, arq, worker
async def main():
    pool = await arq.create_pool(worker.Settings.redis_settings)
    while True:
        await pool.enqueue_job("add"); await pool.enqueue_job("jobs.fail")
        await asyncio.sleep(0.01)
asyncio.run(main())
"""


def test_jobs_are_counted_by_name_and_what_they_leave_is_told(work):
    files = {"worker.py": WORKER, "send.py": SEND}
    assert work(files, module("arq", "worker.Settings")) == {"add", "jobs.fail"}
