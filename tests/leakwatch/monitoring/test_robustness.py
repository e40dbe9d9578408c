"""What goes wrong around a look harms no service, and the next look is right."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from leakwatch.errors import DoorError
from leakwatch.monitoring.asking import ask, socket_of
from leakwatch.monitoring.door import close_door, open_door
from leakwatch.monitoring.processes import family_of
from tests.heaps import environment
from tests.leakwatch.monitoring.test_door import SERVICE, service, wait_for


@pytest.fixture
def runtime(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    # Another way in would hide a door that is lost.
    monkeypatch.setenv("PYTHON_DISABLE_REMOTE_DEBUG", "1")
    return tmp_path


MONITORED = """
import json, os, signal, sys, threading, time
import leakwatch
folder = sys.argv[1]
class Cart: pass
CARTS = []
def in_child():
    with open(f"{folder}/children", "a") as file:
        file.write(f"{os.getpid()}\\n")
    if not os.path.exists(f"{folder}/first"):
        open(f"{folder}/first", "w").close()
        os.kill(os.getpid(), signal.SIGKILL)
def tell(report):
    print(json.dumps([it.cause.holder for it in report.leaks]), flush=True)
os.register_at_fork(after_in_child=in_child)
monitor = leakwatch.monitor(every=0.05, budget=1.0, on_report=tell)
while True:
    CARTS.append(Cart()); time.sleep(0.002)
"""


@contextmanager
def program(lines: str, *arguments: str) -> Iterator["subprocess.Popen[str]"]:
    process = subprocess.Popen(
        [sys.executable, "-c", lines, *arguments],
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        process_group=0,
    )
    try:
        yield process
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


def test_after_a_child_of_the_monitor_was_killed_the_next_look_is_right(runtime, tmp_path):
    with program(MONITORED, str(tmp_path)) as process:
        assert process.stdout is not None
        told = json.loads(process.stdout.readline())
        assert process.poll() is None
    assert len((tmp_path / "children").read_text().splitlines()) > 1
    assert told == ["__main__.CARTS"]


SLOW = """
import os, signal, sys, threading, time
import leakwatch
class Cart: pass
CARTS = [Cart()]
sys.stdout.reconfigure(line_buffering=True)
def judge_slowly():
    print("judging", os.getpid())
    for _ in range(6000): time.sleep(0.01)
from leakwatch.forking import analysis
analysis.become_a_copy = judge_slowly
if sys.argv[1] == "handled":
    def end(*_):
        print("in order"); sys.exit(0)
    signal.signal(signal.SIGTERM, end)
threading.Thread(target=lambda: leakwatch.why(Cart, analyse="fork"), daemon=True).start()
for _ in range(6000): time.sleep(0.01)
"""


@pytest.mark.parametrize(("how", "code"), [("handled", 0), ("left", -signal.SIGTERM)])
def test_sigterm_in_the_middle_of_a_look_ends_the_service_and_the_child(runtime, how, code):
    with program(SLOW, how) as process:
        assert process.stdout is not None
        judging, child = process.stdout.readline().split()
        assert judging == "judging"
        process.terminate()
        # The end of its output is that of all who have it: the child would keep it for a minute.
        out, error = process.communicate(timeout=50)
    assert (process.returncode, error) == (code, "")
    assert out == ("in order\n" if how == "handled" else "")
    wait_for(lambda: not os.path.exists(f"/proc/{child}") or is_dead(int(child)))


def is_dead(pid: int) -> bool:
    """Whether a process has ended, and only waits to be taken notice of."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].startswith("Z")
    except OSError:
        return True


def test_a_socket_that_is_lost_is_made_anew(runtime):
    lines = SERVICE.replace("import os", "import os; os.environ['LEAKWATCH_DOOR'] = ''; import os")
    lines = lines.replace(
        "import leakwatch\n",
        "from leakwatch.monitoring import door; door.SECONDS_UNTIL_RENEWED = 0.05\n"
        "from leakwatch import api; api.open_door()\n",
    )
    with service(lines=lines, door="") as pid:
        path = socket_of(pid)
        assert path is not None
        for lost in ("the socket", "the folder"):
            path.unlink()
            if lost == "the folder":
                path.parent.rmdir()
            wait_for(path.is_socket)
            assert ask(pid, {"verb": "status"}, 20)["status"]["pid"] == pid
        assert path.stat().st_mode & 0o777 == 0o600


def test_a_door_whose_folder_was_taken_by_others_stays_lost_and_harms_nobody(runtime):
    lines = SERVICE.replace("import os", "import os; os.environ['LEAKWATCH_DOOR'] = ''; import os")
    lines = lines.replace(
        "import leakwatch\n",
        "from leakwatch.monitoring import door; door.SECONDS_UNTIL_RENEWED = 0.05\n"
        "from leakwatch import api; api.open_door()\n",
    )
    with service(lines=lines, door="") as pid:
        path = socket_of(pid)
        assert path is not None
        path.unlink()
        path.parent.chmod(0o755)
        time.sleep(0.3)
        with pytest.raises(DoorError, match="no open door"):
            ask(pid, {"verb": "status"}, 5)
        path.parent.chmod(0o700)
        wait_for(path.is_socket)
        assert ask(pid, {"verb": "status"}, 20)["status"]["pid"] == pid


def test_what_killed_processes_have_left_is_swept_away(runtime):
    with service() as pid:
        left = socket_of(pid)
        assert left is not None
    assert left.is_socket()
    elsewhere = left.with_name(f"{2**22 + 1}.sock")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(elsewhere))
        listening.listen()
        try:
            mine = open_door(dict)
            assert sorted(left.parent.iterdir()) == sorted([elsewhere, mine])
        finally:
            close_door()


STORM = SERVICE.replace(
    "def work():",
    """
def storm():
    while True:
        for _ in range(10):
            if os.fork() == 0:
                os._exit(0)
        try:
            while os.waitpid(-1, os.WNOHANG) != (0, 0): pass
        except ChildProcessError: pass
        time.sleep(0.05)
def work():""",
).replace(
    "threading.Thread(target=work",
    "threading.Thread(target=storm, daemon=True).start(); threading.Thread(target=work",
)


def test_forks_by_the_hundred_disturb_no_answer(runtime):
    with service(lines=STORM) as pid:
        answers = [ask(pid, {"verb": "why", "type": "Cart"}, 60)["report"] for _ in range(3)]
        grown = ask(pid, {"verb": "growing", "seconds": 1.0}, 60)["report"]
    for report in (*answers, grown):
        assert report["not_judged"] is None
        assert [it["type_name"] for it in report["leaks"]] == ["__main__.Cart"]


def test_a_report_that_a_full_disk_does_not_take_is_told_and_the_next_is_written(
    runtime, monkeypatch
):
    monkeypatch.setenv("LEAKWATCH_SIGNAL", "USR2")
    lines = SERVICE.replace(
        "CARTS = []",
        "CARTS = []; import resource, warnings; warnings.simplefilter('always')\n"
        "hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (10, hard))\n"
        "import signal; signal.signal(signal.SIGUSR1, lambda *_: "
        "resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard)))\n"
        "warnings.showwarning = lambda said, *_: print(said, flush=True)",
    )
    with program(lines) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        process.send_signal(signal.SIGUSR2)
        assert "File too large" in process.stdout.readline()
        assert list((runtime / "leakwatch").iterdir()) == []
        process.send_signal(signal.SIGUSR1)
        process.send_signal(signal.SIGUSR2)
        wait_for((runtime / "leakwatch" / f"{process.pid}.json").exists)
    assert list(family_of(process.pid)) == [process.pid]
