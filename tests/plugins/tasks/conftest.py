"""A worker and a client of some task queue, around a Redis."""

import sys
from contextlib import ExitStack

import pytest

from leakwatch.errors import DoorError
from leakwatch.monitoring.asking import ask
from leakwatch.monitoring.processes import family_of
from tests.heaps import PLUGINS
from tests.services import redis, service

JOBS = """
class Cart: pass
CARTS = []
def add(): CARTS.append(Cart())
def fail(): 1 / 0
"""


def monitors_of(pid):
    """What the monitors of a process say, and of those below it; we ask at their doors."""
    for process in family_of(pid):
        try:
            yield from ask(process, {"verb": "status"}, 10)["status"]["monitors"]
        except DoorError:
            continue


@pytest.fixture
def work(tmp_path, monkeypatch):
    """Runs a worker until it has told what leaks; gives all names of tasks that were counted."""
    monkeypatch.setenv(PLUGINS, "logging")

    def run(files, command, processes=1):
        for name, text in {"jobs.py": JOBS, **files}.items():
            (tmp_path / name).write_text(text)
        (tmp_path / "client").mkdir()
        sender = [sys.executable, str(tmp_path / "send.py")]
        with ExitStack() as stack:
            variables = {"REDIS": stack.enter_context(redis(tmp_path / "redis"))}
            stack.enter_context(service(tmp_path / "client", sender, variables))
            worker = stack.enter_context(service(tmp_path, command, variables))
            worker.wait_for(lambda: "jobs.CARTS" in worker.printed())
            worker.wait_for(lambda: len(list(monitors_of(worker.pid))) == processes)
            return {name for it in monitors_of(worker.pid) for name in it["units"]}

    return run
