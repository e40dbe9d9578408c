"""Real servers for tests: started in a folder of their own, waited for, and ended."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from tests.heaps import environment

PATIENCE = 150
"""Seconds for what takes few, on a machine that is busy."""


def until(condition: Callable[[], object], told: Callable[[], str] = str) -> None:
    """Wait for something, and fail with what is told if it does not come."""
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, told()
        time.sleep(0.02)


COUNTED = """
import time
from leakwatch.integration import monitor_here
def until(condition, seconds=30):
    end = time.monotonic() + seconds
    while not condition() and time.monotonic() < end: time.sleep(0.01)

def report_on(request):
    "The first report with a leak; some requests are served between one look and the next."
    for _ in range(20):
        for _ in range(10): request()
        report = monitor_here().look()
        if report.leaks: return report

def units():
    "What was counted; a request is counted shortly after its answer has come."
    monitor = monitor_here()
    counted = None
    while counted != monitor.status["units"]:
        counted = monitor.status["units"]
        time.sleep(0.1); monitor.look()
    return counted
"""
"""For programs that serve requests under a monitor: what it has counted, and what it says."""


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


def is_open(port: int) -> bool:
    """Whether somebody listens there."""
    try:
        socket.create_connection(("127.0.0.1", port), 5).close()
    except OSError:
        return False
    return True


class Service:
    """A program that runs until it is ended.

    Attributes:
        pid: of its first process.
    """

    def __init__(self, process: "subprocess.Popen[bytes]", log: Path) -> None:
        self._process, self._log, self.pid = process, log, process.pid

    def printed(self) -> str:
        return self._log.read_text(errors="replace")

    def is_there(self) -> bool:
        return self._process.poll() is None

    def wait_for(self, condition: Callable[[], object]) -> None:
        """Wait for something that it is to do; fail if it ends before."""
        until(lambda: condition() or not self.is_there(), self.printed)
        assert condition(), self.printed()

    def stop(self) -> int:
        """End it as a service manager does; its exit code."""
        self._process.send_signal(signal.SIGTERM)
        return self._process.wait(PATIENCE)


@contextmanager
def service(
    folder: Path, command: Sequence[str], variables: "dict[str, str] | None" = None
) -> Iterator[Service]:
    """A program that runs in a folder, with all the processes that it starts."""
    log = folder / "log.txt"
    with log.open("wb") as stream:
        process = subprocess.Popen(
            command,
            cwd=folder,
            env=environment() | (variables or {}),
            stdin=subprocess.DEVNULL,
            stdout=stream,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        yield Service(process, log)
    finally:
        # The whole session, which is ours: workers outlive a parent that is killed.
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def module(*arguments: str) -> list[str]:
    """A command that runs a module of this Python."""
    return [sys.executable, "-m", *arguments]


@contextmanager
def redis(folder: Path) -> Iterator[str]:
    """The address of a Redis that keeps nothing; the test is skipped where none is installed."""
    program = shutil.which("redis-server")
    if program is None:
        pytest.skip("no redis-server here: apt install redis-server")
    folder.mkdir(exist_ok=True)
    port = free_port()
    options = ["--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
    with service(folder, [program, *options]) as server:
        server.wait_for(lambda: is_open(port))
        yield f"redis://127.0.0.1:{port}/0"
