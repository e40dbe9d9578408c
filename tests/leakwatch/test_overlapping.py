"""Threads, callbacks of the collector, signals and forks at once: the process is as it was."""

import subprocess
import sys

import pytest

from tests.heaps import ROOT

PROGRAM = "from tests.leakwatch.overlapping import main; main()"
ATTEMPTS = 3
"""CPython refuses to resize a tuple that a list of all objects holds on another thread (see
docs/explanation/limits.md), which ends a thread of the program in one run of many."""


@pytest.mark.skipif(sys.platform != "linux", reason="its timers and forks are those of Linux")
def test_overlapping_scopes_leave_the_process_as_it_was():
    said = []
    for _ in range(ATTEMPTS):
        command = [sys.executable, "-c", PROGRAM, "2000"]
        done = subprocess.run(
            command, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False
        )
        if done.returncode == 0:
            return
        said.append(done.stderr[-2000:])
    pytest.fail("\n\n".join(said))
