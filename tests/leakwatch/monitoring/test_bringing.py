"""Asking a process that has no door: leakwatch is brought into it, and nothing stays of the way."""

import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

import leakwatch
from leakwatch.errors import DoorError
from leakwatch.monitoring import bringing, processes
from leakwatch.monitoring.asking import ask
from leakwatch.monitoring.bringing import why_not_brought
from tests.heaps import environment
from tests.leakwatch.cli.commands.test_attach import attach
from tests.leakwatch.monitoring.test_door import wait_for

takes_scripts = pytest.mark.skipif(
    not hasattr(sys, "remote_exec"), reason="Python takes scripts from 3.14 on"
)
STRANGER = """
import json, os, sys, threading, time
class Cart: pass
CARTS = []
def work():
    while True:
        CARTS.append(Cart()); time.sleep(0.002)
def state():
    return {
        "path": list(sys.path),
        "finders": [str(it) for it in sys.meta_path],
        "files": sorted(os.listdir("/proc/self/fd")),
        "threads": len(os.listdir("/proc/self/task")),
        "hooks": [str(sys.excepthook), str(threading.excepthook)],
        "modules": [it for it in sys.modules if it.partition(".")[0] == "leakwatch"],
    }
threading.Thread(target=work, daemon=True).start()
before = state()
print(json.dumps(before), flush=True)
while not os.path.exists(sys.argv[1]): time.sleep(0.05)
print(json.dumps(state()), flush=True)
"""
WAITS = """
import socket, sys
with socket.socket(socket.AF_UNIX) as door:
    door.bind(sys.argv[1]); door.listen()
    print("{}", flush=True)
    door.accept()
    print("gone on", flush=True)
    sys.stdin.read()
"""


@contextmanager
def stranger(tmp_path, lines: str = STRANGER, **variables: str) -> Iterator[subprocess.Popen[str]]:
    """A process that has never heard of leakwatch, nor can import it."""
    process = subprocess.Popen(
        [sys.executable, "-I", "-S", "-c", lines, str(tmp_path / "end")],
        env={name: it for name, it in environment().items() if name != "PYTHONPATH"} | variables,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    process.stdout.before = json.loads(process.stdout.readline())  # type: ignore[attr-defined]
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


@pytest.fixture(autouse=True)
def temporary(tmp_path, monkeypatch):
    """Where both sides meet; here a test can see what is left."""
    folder = tmp_path / "t"
    folder.mkdir()
    monkeypatch.setenv("TMPDIR", str(folder))
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    monkeypatch.setattr(bringing, "LONGEST_FOLDER", 95)
    return folder


@takes_scripts
def test_a_process_that_never_heard_of_it_tells_what_grows_and_is_left_as_it_was(
    tmp_path, temporary
):
    with stranger(tmp_path) as process:
        code, out, error = attach(tmp_path, str(process.pid), "growing", "--seconds", "1")
        assert (code, error) == (1, "")
        assert "1 leak growing in this process" in out
        assert "__main__.CARTS[" in out
        assert list(temporary.iterdir()) == []
        (tmp_path / "end").touch()
        assert process.stdout is not None
        before, after = process.stdout.before, json.loads(process.stdout.readline())  # type: ignore[attr-defined]
        _, said = process.communicate()
    # What was imported stays, see docs/decisions/brought-along.md.
    assert (before.pop("modules"), bool(after.pop("modules"))) == ([], True)
    assert after == before
    assert (process.returncode, said) == (0, "")


@takes_scripts
def test_every_question_can_be_asked_and_again(tmp_path, temporary):
    with stranger(tmp_path) as process:
        pid = process.pid
        for _ in range(2):
            code, out, _ = attach(tmp_path, str(pid), "why", "__main__.Cart")
            assert (code, "__main__.CARTS[" in out) == (1, True)
        assert json.loads(attach(tmp_path, str(pid), "status")[1])["pid"] == pid
        assert attach(tmp_path, str(pid), "check")[0] == 0
        assert attach(tmp_path, str(pid), "snapshot", "-o", "a.lwheap")[0] == 0
    report = leakwatch.Snapshot.load(tmp_path / "a.lwheap").why("__main__.Cart")
    assert report.leaks[0].path.expression.startswith("__main__.CARTS[")
    assert list(temporary.iterdir()) == []


@takes_scripts
def test_one_that_was_told_to_take_no_scripts_says_what_would_help(tmp_path):
    with (
        stranger(tmp_path, lines="print('{}', flush=True); input()") as process,
        stranger_with_option(tmp_path) as other,
    ):
        assert why_not_brought(process.pid) is None
        assert "start it without" in (why_not_brought(other) or "")
        with pytest.raises(DoorError, match="PYTHON_DISABLE_REMOTE_DEBUG"):
            ask(other, {"verb": "status"}, 5)
        with pytest.raises(DoorError, match="PYTHON_DISABLE_REMOTE_DEBUG"):
            bringing.hand_over(other, __file__)


@contextmanager
def stranger_with_option(tmp_path) -> Iterator[int]:
    command = [sys.executable, "-I", "-X", "disable-remote-debug", "-c", "print(1); input()"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"1\n"
        try:
            yield process.pid
        finally:
            process.kill()


@takes_scripts
def test_one_that_waits_is_told_and_throws_the_script_away_when_it_goes_on(
    tmp_path, temporary, monkeypatch
):
    monkeypatch.setattr(bringing, "SECONDS_TO_COME", 0.3)
    with stranger(tmp_path, WAITS) as process:
        status = Path(f"/proc/{process.pid}/stat")
        wait_for(lambda: status.read_text().rpartition(") ")[2].startswith("S"))
        with pytest.raises(DoorError, match="its main thread waits for something"):
            ask(process.pid, {"verb": "status"}, 5)
        assert len(list(temporary.iterdir())) == 1
        with socket.socket(socket.AF_UNIX) as request:
            request.connect(str(tmp_path / "end"))
        assert process.stdout is not None
        assert process.stdout.readline() == "gone on\n"
        wait_for(lambda: not list(temporary.iterdir()))
        assert process.communicate()[1] == ""


@takes_scripts
def test_another_version_and_none_are_refused_by_the_process(tmp_path, temporary, monkeypatch):
    with stranger(tmp_path) as process:
        monkeypatch.setattr(bringing, "homes_for", lambda _: {})
        with pytest.raises(DoorError, match="cannot be imported there: ModuleNotFoundError"):
            ask(process.pid, {"verb": "status"}, 20)
        monkeypatch.undo()
        monkeypatch.setattr(bringing, "VERSION", "0.0.1")
        with pytest.raises(DoorError, match=r"0\.0\.1 asks; ask with the one that it has"):
            ask(process.pid, {"verb": "status"}, 20)
    assert list(temporary.iterdir()) == []


@takes_scripts
@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid(), reason="only root may change it")
def test_one_that_sees_other_files_is_met_there_and_says_what_it_lacks(tmp_path):
    root = tmp_path / "root"
    (root / "tmp").mkdir(parents=True)
    lines = (
        f"import importlib.machinery, os, socket, json; os.chroot({str(root)!r}); os.chdir('/')\n"
        + WAITS
    )
    lines = lines.replace("door.accept()", "import time\n    while True: time.sleep(0.05)")
    with stranger(tmp_path, lines.replace("sys.argv[1]", "'/door'")) as process:
        assert processes.files_of(process.pid) == f"/proc/{process.pid}/root"
        with pytest.raises(DoorError, match="cannot be imported there"):
            ask(process.pid, {"verb": "status"}, 20)
        assert list((root / "tmp").iterdir()) == []


# -- refusals, on each version ------------------------------------------------------------------


@pytest.fixture
def open_to_all(monkeypatch):
    """A process into which leakwatch can be brought."""
    monkeypatch.setattr(bringing, "remote_exec", lambda *_: None)
    monkeypatch.setattr(bringing, "minor_of", lambda _: 14)
    monkeypatch.setattr(bringing, "refuses_scripts", lambda _: False)
    monkeypatch.setattr(bringing, "may_reach_into", lambda _: True)
    monkeypatch.setattr(bringing, "OUR_MINOR", 14)
    return monkeypatch


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("minor_of", lambda _: None, "it runs no Python"),
        ("minor_of", lambda _: 13, "it runs Python 3.13, and scripts are taken from 3.14 on"),
        ("minor_of", lambda _: 15, "ask with a leakwatch that is installed for 3.15"),
        ("remote_exec", None, "ask with a leakwatch that is installed for 3.14"),
        ("CAN_FORK", False, "this system cannot fork"),
        ("owner_of", lambda _: 12345, "it is of user 12345; ask as that user"),
        ("refuses_scripts", lambda _: True, "start it without PYTHON_DISABLE_REMOTE_DEBUG"),
        ("may_reach_into", lambda _: False, "CAP_SYS_PTRACE"),
    ],
)
def test_each_refusal_says_what_would_open_it(open_to_all, name, value, said):
    assert why_not_brought(os.getpid()) is None
    open_to_all.setattr(bringing, name, value)
    if name == "may_reach_into":
        open_to_all.setattr(processes, "YAMA", Path("/nowhere"))
        open_to_all.setattr(processes, "has_capability", lambda _: False)
    assert said in (why_not_brought(os.getpid()) or "")


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (PermissionError(13, "Permission denied"), "process 7: this system lets only a parent in"),
        (ProcessLookupError(3, "No such process"), "there is no process 7"),
        (RuntimeError("Remote debugging is not enabled in it"), "process 7: it takes no scripts"),
        (RuntimeError("PyRuntime address lookup failed"), "process 7: PyRuntime address lookup"),
    ],
)
def test_what_the_interpreter_refuses_is_said_with_a_remedy(tmp_path, monkeypatch, error, said):
    def refuse(*_: object) -> None:
        raise error

    (tmp_path / "scope").write_text("1\n")
    monkeypatch.setattr(processes, "YAMA", tmp_path / "scope")
    monkeypatch.setattr(bringing, "remote_exec", refuse)
    with pytest.raises(DoorError, match=said):
        bringing.hand_over(7, "/tmp/script.py")
