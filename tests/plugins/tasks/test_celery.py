"""Celery with each of its pools: tasks are counted by name where they ran, and leaks are told."""

import pytest

from tests.services import module

SHOP = """
import os, celery, leakwatch_tasks.celery, jobs
app = celery.Celery("shop", broker=os.environ["REDIS"])
leakwatch_tasks.celery.count_tasks(every=0.2, budget=1.0)
add = app.task(jobs.add, name="shop.add")
fail = app.task(jobs.fail, name="shop.fail", throws=ZeroDivisionError)
"""
SEND = """
import time, shop
while True:
    shop.add.delay(); shop.fail.delay(); time.sleep(0.01)
"""


@pytest.mark.parametrize(("pool", "processes"), [("prefork", 2), ("threads", 1), ("solo", 1)])
def test_tasks_are_counted_where_they_ran_and_what_they_leave_is_told(work, pool, processes):
    command = module("celery", "-A", "shop", "worker", "-P", pool, "-c", "2", "-l", "WARNING")
    names = work({"shop.py": SHOP, "send.py": SEND}, command, processes)
    assert names == {"shop.add", "shop.fail"}
