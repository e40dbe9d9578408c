"""Workers of multiprocessing and of uvicorn, and what is put into the report of one."""

import signal
import subprocess
import sys
import time

import pytest

import leakwatch_workers
from leakwatch import Report
from leakwatch.model import Leak, RetentionPath, Root
from tests.heaps import environment, run_python

LEAKY = """
import time
class Cart: pass
CARTS = []
def add(count):
    for _ in range(count): CARTS.append(Cart()); time.sleep(0.001)
"""
POOL = """
import multiprocessing, sys
sys.path.insert(0, {folder!r})
import leaky
from leakwatch_workers import Workers
if __name__ == "__main__":
    workers = Workers({folder!r} + "/leaks-{{pid}}.json", every=0.2, budget=1.0)
    context = multiprocessing.get_context({method!r})
    with context.Pool(2, workers.begin_in_child) as pool:
        pool.map(leaky.add, [100] * 40, chunksize=1)
        pool.close(); pool.join()
"""


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_each_process_of_a_pool_leaves_a_report(tmp_path, method):
    (tmp_path / "leaky.py").write_text(LEAKY)
    program = tmp_path / "program.py"
    program.write_text(POOL.format(folder=str(tmp_path), method=method))
    run_python(str(program))
    reports = [Report.load(file) for file in tmp_path.glob("leaks-*.json")]
    assert len(reports) == 2
    found = {(leak.type_name, str(leak.cause)) for it in reports for leak in it.leaks}
    assert found == {("leaky.Cart", "leaky.CARTS[*]")}


UVICORN = """
from fastapi import FastAPI
from leakwatch.integration import running_here
from leakwatch_workers import Workers
app = FastAPI(lifespan=Workers("leaks-{pid}.json", every=60.0).lifespan)
"""


def test_each_worker_of_uvicorn_leaves_a_report_that_says_what_was_not_judged(tmp_path):
    (tmp_path / "shop.py").write_text(UVICORN)
    command = [sys.executable, "-m", "uvicorn", "--workers", "2", "--port", "0", "shop:app"]
    with (tmp_path / "log.txt").open("w") as log:
        server = subprocess.Popen(command, cwd=tmp_path, env=environment(), stderr=log, stdout=log)
    try:
        end = time.monotonic() + 60
        while (tmp_path / "log.txt").read_text().count("startup complete") < 2:
            assert time.monotonic() < end, (tmp_path / "log.txt").read_text()
            time.sleep(0.05)
        server.send_signal(signal.SIGTERM)
        server.wait(60)
    finally:
        server.kill()
        server.wait()
    reports = [Report.load(file) for file in tmp_path.glob("leaks-*.json")]
    assert len(reports) == 2
    assert all("looks were made" in it.not_judged for it in reports)


def leak(signature: str, count: int) -> Leak:
    path = RetentionPath(Root("module global", "shop"), (), "shop.Cart")
    return Leak("shop.Cart", count, 0.5, 96, 200, signature, path)


def test_a_cause_that_was_told_before_is_a_leak_of_the_worker_and_told_once():
    told, new = leak("a" * 12, 3), leak("b" * 12, 4)
    last = Report("p", "growing", leaks=(new,), known=(leak("a" * 12, 9), leak("c" * 12, 1)))
    report = leakwatch_workers.all_of(last, [Report("p", "growing", leaks=(told,))])
    assert {(it.signature[0], it.count) for it in report.leaks} == {("a", 3), ("b", 4)}
    assert [it.signature[0] for it in report.known] == ["c"]


def test_where_no_monitor_runs_the_end_of_a_worker_does_nothing(tmp_path):
    leakwatch_workers.Workers(str(tmp_path / "leaks.json")).end()
    assert list(tmp_path.iterdir()) == []
