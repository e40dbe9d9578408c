# leaks with apscheduler==3.11.3
import asyncio
from datetime import UTC, datetime

from apscheduler.executors import base
from apscheduler.job import Job
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from tests.known_leaks import without_collector


async def fail():
    raise ValueError


NOW = datetime.now(UTC)
JOB = Job(AsyncIOScheduler(), id="fail", func=fail, args=(), kwargs={}, misfire_grace_time=None)


def work():
    asyncio.run(base.run_coroutine_job(JOB, "default", [NOW], "none"))


without_collector(work)
