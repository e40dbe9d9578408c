"""Threads, callbacks of the collector, signals and forks at once: the process is as it was."""

import subprocess
import sys

import pytest

from tests.heaps import ROOT

PROGRAM = "from tests.leakwatch.tracking.overlapping import main; main()"


@pytest.mark.skipif(sys.platform != "linux", reason="its timers and forks are those of Linux")
def test_overlapping_scopes_leave_the_process_as_it_was():
    command = [sys.executable, "-c", PROGRAM, "2000"]
    done = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
