"""Threads, callbacks of the collector, signals and forks at once: the process is as it was."""

import sys

import pytest

from tests.heaps import run_python


@pytest.mark.skipif(sys.platform != "linux", reason="its timers and forks are those of Linux")
def test_overlapping_scopes_leave_the_process_as_it_was():
    run_python("-c", "from tests.leakwatch.overlapping import main; main()", "2000")
