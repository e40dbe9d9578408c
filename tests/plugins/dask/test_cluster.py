"""A cluster of real processes, one of which leaks, and one report of them all."""

import json
import os
import subprocess
import sys

import pytest

from leakwatch.report import Report
from leakwatch_dask.combining import answer_of, read
from tests.heaps import PLUGINS, environment

SHOP = """
import time
class Cart: pass
class Answer: pass
CARTS = []
def leaking(number): CARTS.append(Cart()); time.sleep(0.002)
def clean(number): time.sleep(0.002); return Answer()
"""
PROGRAM = """
import json, sys, time
from distributed import Client, LocalCluster
import leakwatch_dask, shop
from leakwatch_dask.workers import TOPIC

def tasks(client, work, worker):
    futures = [client.submit(work, n, workers=[worker], pure=False) for n in range(4)]
    client.gather(futures)
    return futures

def main():
    options = {"n_workers": 2, "threads_per_worker": 1, "dashboard_address": None}
    with LocalCluster(processes=True, **options) as cluster, Client(cluster) as client:
        before = leakwatch_dask.report(client)
        # All looks but the first are asked for: so much work is done between them.
        leakwatch_dask.monitor(client, every=3600.0)
        one, other = client.scheduler_info()["workers"]
        kept = []
        for _ in range(10):
            tasks(client, shop.leaking, one)
            kept += tasks(client, shop.clean, other)
            report = leakwatch_dask.report(client)
            if report.leaks: break
        ((_, event), *_) = client.get_events(TOPIC)
        client.retire_workers([one])
        gone = leakwatch_dask.report(client)
    print(json.dumps([before.to_dict(), event["report"], report.to_dict(), gone.to_dict()]))

if __name__ == "__main__":
    main()
"""


@pytest.fixture(scope="module")
def reports(tmp_path_factory):
    """What is said before there are monitors, by who leaks, by all, and when that one is gone."""
    folder = tmp_path_factory.mktemp("cluster")
    (folder / "shop.py").write_text(SHOP, encoding="utf-8")
    (folder / "program.py").write_text(PROGRAM, encoding="utf-8")
    os.environ[PLUGINS] = "dask"
    try:
        found = environment()
    finally:
        del os.environ[PLUGINS]
    done = subprocess.run(
        [sys.executable, "program.py"],
        cwd=folder,
        env=found | {"PYTHONPATH": os.pathsep.join([str(folder), found["PYTHONPATH"]])},
        capture_output=True,
        text=True,
        timeout=400,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    before, event, report, gone = json.loads(done.stdout.splitlines()[-1])
    return [read(json.dumps(before)), read(event), read(json.dumps(report)), read(json.dumps(gone))]


def test_a_worker_without_a_monitor_says_that_it_has_none(reports):
    before = reports[0]
    assert before.leaks == ()
    assert "worker has no monitor: call leakwatch_dask.monitor(client)" in before.not_judged


def test_the_scheduler_keeps_what_a_worker_has_found_by_itself(reports):
    event = reports[1]
    assert [str(it.cause) for it in event.leaks] == ["shop.CARTS[*]"]
    assert event.scope in {"worker 0", "worker 1"}


def test_the_report_of_all_has_the_one_cause_and_says_where(reports):
    leak = reports[2].leaks[0]
    assert [str(it.cause) for it in reports[2].leaks] == ["shop.CARTS[*]"]
    assert leak.growth_per == "unit"
    assert 0.5 < leak.growth < 2
    assert leak.reasons[-2:] == (f"in {reports[1].scope}", "found in 1 of 2 workers")


def test_what_a_worker_has_told_outlives_it(reports):
    (leak,) = reports[3].leaks
    assert str(leak.cause) == "shop.CARTS[*]"
    assert leak.reasons[-1] == "found in 1 of 2 workers"


def test_a_worker_that_gives_no_answer_is_a_gap():
    report = read(answer_of("tcp://127.0.0.1:1", OSError("connection lost")))
    assert report.not_judged == "OSError: connection lost"
    assert report == Report("worker tcp://127.0.0.1:1", "growing", not_judged=report.not_judged)
