"""A signal has a report written, in the process and in its children, and disturbs nobody else's."""

import os
import signal
import stat

import pytest

import leakwatch
from leakwatch.api import write_on_signal
from leakwatch.errors import DoorError
from leakwatch.monitoring.signals import number_of
from tests.heaps import run_python
from tests.leakwatch.monitoring.test_door import SERVICE, service, wait_for


@pytest.fixture
def runtime(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    monkeypatch.setenv("LEAKWATCH_SIGNAL", "USR2")
    return tmp_path / "leakwatch"


def test_a_report_is_written_when_the_signal_comes_and_the_program_goes_on(runtime):
    with service(door="0") as pid:
        os.kill(pid, signal.SIGUSR2)
        wait_for((runtime / f"{pid}.json").exists)
        os.kill(pid, 0)
    report = leakwatch.Report.load(runtime / f"{pid}.json")
    assert [it.type_name for it in report.leaks] == ["__main__.Cart"]


def test_the_heap_is_written_where_that_was_asked_for_and_beside_it_a_report(runtime, monkeypatch):
    monkeypatch.setenv("LEAKWATCH_SIGNAL", "USR1:snapshot, USR2:report")
    with service(door="0") as pid:
        heap = runtime / f"{pid}.lwheap"
        os.kill(pid, signal.SIGUSR1)
        wait_for(heap.exists)
        assert stat.S_IMODE(heap.stat().st_mode) == 0o600
        os.kill(pid, signal.SIGUSR2)
        wait_for((runtime / f"{pid}.json").exists)
    report = leakwatch.Snapshot.load(heap).why("__main__.Cart")
    assert report.leaks[0].path.expression.startswith("__main__.CARTS[")


def test_what_cannot_be_written_is_refused():
    with pytest.raises(DoorError, match="'dump' cannot be written; expected one of report, snap"):
        write_on_signal("USR2:dump")


def test_a_forked_child_writes_its_own(runtime):
    lines = SERVICE.replace('if "fork" in sys.argv: os.fork()', "os.environ['N'] = str(os.fork())")
    lines = lines.replace('print("ready"', 'os.environ["N"] == "0" or print("ready"')
    with service(lines=lines, door="0") as pid:
        child = next(it for it in family(pid) if it != pid)
        os.kill(child, signal.SIGUSR2)
        wait_for((runtime / f"{child}.json").exists)
        assert not (runtime / f"{pid}.json").exists()


def family(pid: int) -> list[int]:
    from leakwatch.monitoring.processes import family_of

    return list(family_of(pid))


def test_a_signal_that_the_program_handles_is_left_to_it(runtime):
    lines = """
import os, signal, warnings
heard = []
signal.signal(signal.SIGUSR2, lambda *_: heard.append(1))
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    import leakwatch
os.kill(os.getpid(), signal.SIGUSR2)
print(heard, str(caught[0].message))
"""
    said = "LEAKWATCH_SIGNAL: the program handles SIGUSR2 itself; take another signal"
    assert run_python("-c", lines) == f"[1] {said}\n"


@pytest.mark.parametrize("name", ["", "NOTHING", "2", "_DFL"])
def test_what_is_no_signal_is_refused(name):
    with pytest.raises(DoorError, match="take USR1 or USR2"):
        number_of(name)


@pytest.mark.parametrize("name", ["USR2", "usr2", "SIGUSR2"])
def test_a_signal_is_known_by_either_name(name):
    assert number_of(name) is signal.SIGUSR2
