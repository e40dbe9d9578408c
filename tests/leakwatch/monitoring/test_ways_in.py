"""Which ways into a process are open, and what is said of those that are not."""

import os
import signal
import sys
from pathlib import Path

import pytest

from leakwatch.errors import DoorError
from leakwatch.monitoring import bringing, processes
from leakwatch.monitoring.processes import (
    family_of,
    field_of,
    files_of,
    minor_of,
    number_within,
    what_lets_in,
)
from leakwatch.monitoring.ways_in import ways_into
from tests.leakwatch.monitoring.test_door import SERVICE, service


@pytest.fixture
def runtime(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    return tmp_path


def ways(pid):
    return {it.name: it for it in ways_into(pid)}


def test_a_door_is_shown_with_its_place(runtime):
    with service() as pid:
        found = ways(pid)["socket"]
    assert (found.is_open, found.told) == (True, f"{runtime}/leakwatch/{pid}.sock")


def test_without_a_door_it_is_said_how_a_program_opens_one(runtime):
    with service(door="") as pid:
        found = ways(pid)["socket"]
    assert not found.is_open
    assert "`leakwatch run --door`" in found.told


@pytest.mark.parametrize(
    ("asked", "is_open"), [("USR2", True), ("USR1,nothing", True), ("nothing", False)]
)
def test_a_signal_is_open_if_there_is_a_handler(runtime, monkeypatch, asked, is_open):
    monkeypatch.setenv("LEAKWATCH_SIGNAL", asked)
    lines = SERVICE.replace("import leakwatch\n", "import leakwatch, signal\nH = signal.SIGUSR1\n")
    lines = lines.replace("CARTS = []", "CARTS = []; signal.signal(H, lambda *_: 0)")
    with service(lines=lines, door="") as pid:
        found = ways(pid)["signal"]
    assert found.is_open == is_open
    assert (asked.partition(",")[0] if is_open else "not imported leakwatch") in found.told


def test_a_signal_that_nobody_asked_for_is_closed(runtime):
    with service(door="") as pid:
        found = ways(pid)["signal"]
    assert (found.is_open, "environment that it was started with" in found.told) == (False, True)


def test_a_script_is_taken_or_the_reason_is_told(runtime, monkeypatch):
    with service(door="") as pid:
        found = ways(pid)["remote_exec"]
        if hasattr(sys, "remote_exec"):
            assert found.is_open
            monkeypatch.setattr(bringing, "files_of", lambda _: "/nowhere")
            assert "has to be installed there" in ways(pid)["remote_exec"].told
        else:
            assert f"Python 3.{sys.version_info.minor}, and scripts are taken from" in found.told


def test_there_is_no_way_into_what_is_not_there():
    with pytest.raises(DoorError, match="there is no process"):
        list(ways_into(2**22 + 1))


# -- what the system tells ------------------------------------------------------------------------


def test_this_process_is_known():
    assert minor_of(os.getpid()) == sys.version_info.minor
    assert files_of(os.getpid()) == ""
    assert number_within(os.getpid()) == int(field_of(os.getpid(), "NSpid")[-1])
    assert next(family_of(os.getpid())) == os.getpid()


def test_a_handler_of_a_signal_is_known(monkeypatch):
    before = signal.signal(signal.SIGUSR2, lambda *_: None)
    try:
        assert processes.catches(os.getpid(), signal.SIGUSR2)
    finally:
        signal.signal(signal.SIGUSR2, signal.SIG_DFL)
    assert not processes.catches(os.getpid(), signal.SIGUSR2)
    signal.signal(signal.SIGUSR2, before)


@pytest.mark.parametrize(
    ("scope", "capable", "said"),
    [
        ("0", True, "protected, by its own settings"),
        ("0", False, "CAP_SYS_PTRACE"),
        ("1", False, "set it to 0"),
        ("2", False, "lets only root in"),
        ("3", True, "until it is started anew"),
        ("what?", False, "CAP_SYS_PTRACE"),
    ],
)
def test_what_lets_in_is_told_by_the_settings_of_the_system(
    tmp_path, monkeypatch, scope, capable, said
):
    (tmp_path / "scope").write_text(scope)
    monkeypatch.setattr(processes, "YAMA", Path(tmp_path / "scope"))
    monkeypatch.setattr(processes, "has_capability", lambda _: capable)
    assert said in what_lets_in()
