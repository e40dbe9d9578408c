"""The door of a process: what it answers, to whom, and what it does not let in."""

import json
import os
import random
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from leakwatch.errors import DoorError
from leakwatch.monitoring import asking, places
from leakwatch.monitoring.asking import ask, door_of
from leakwatch.monitoring.door import MOST_ASKED, answer_to
from leakwatch.monitoring.processes import family_of
from tests.heaps import environment

SERVICE = """
import os, sys, threading, time
import leakwatch
class Cart: pass
CARTS = []
def work():
    while True:
        CARTS.append(Cart()); time.sleep(0.002)
if "fork" in sys.argv: os.fork()
threading.Thread(target=work, daemon=True).start()
print("ready", flush=True)
# Not at a stretch: a signal that comes right before a sleep is handled after it.
for _ in range(1200): time.sleep(0.05)
"""


@pytest.fixture
def runtime(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    return tmp_path


@pytest.fixture
def closed(monkeypatch):
    """Leakwatch cannot be brought into what is started: a door is the only way."""
    monkeypatch.setenv("PYTHON_DISABLE_REMOTE_DEBUG", "1")


@contextmanager
def service(*arguments: str, lines: str = SERVICE, door: str = "1") -> Iterator[int]:
    """A process that leaks, and has a door; gives its number."""
    process = subprocess.Popen(
        [sys.executable, "-c", lines, *arguments],
        env=environment() | {"LEAKWATCH_DOOR": door},
        stdout=subprocess.PIPE,
        text=True,
        process_group=0,
    )
    assert process.stdout is not None
    try:
        # Two may say so at once, and their lines meet.
        assert process.stdout.readline().startswith("ready")
        yield process.pid
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, 9)
        process.stdout.close()
        process.wait()


def attach(*arguments: str) -> tuple[int, str, str]:
    done = subprocess.run(
        [sys.executable, "-m", "leakwatch", "attach", *arguments],
        env=environment(),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return done.returncode, done.stdout, done.stderr


def test_a_process_tells_what_grows_in_it(runtime):
    with service() as pid:
        code, out, _ = attach(str(pid), "growing", "--seconds", "1")
    assert code == 1
    assert "1 leak growing in this process" in out
    assert "__main__.CARTS[" in out


def test_a_process_tells_what_holds_a_type_and_what_it_is(runtime, tmp_path):
    file = tmp_path / "why.json"
    with service() as pid:
        code, _, _ = attach(str(pid), "why", "__main__.Cart", "-o", str(file))
        status = json.loads(attach(str(pid), "status")[1])
        checked = attach(str(pid), "check")
    assert code == 1
    found = json.loads(file.read_text())
    assert [it["type_name"] for it in found["leaks"]] == ["__main__.Cart"]
    assert (status["pid"], status["monitors"]) == (pid, [])
    assert (checked[0], checked[1].partition("\n")[0]) == (
        0,
        "leakwatch: no leaks among the watched objects",
    )


def test_a_monitor_opens_a_door_and_is_told_by_the_status(runtime):
    lines = SERVICE.replace("CARTS = []", "CARTS = []; monitor = leakwatch.monitor(every=60.0)")
    with service(lines=lines, door="0") as pid:
        status = json.loads(attach(str(pid), "status")[1])
    assert [it["running"] for it in status["monitors"]] == [True]


def test_the_door_of_a_monitor_is_closed_with_the_last_one(runtime, closed):
    lines = SERVICE.replace(
        "CARTS = []",
        "CARTS = []; first, last = (leakwatch.monitor(every=60.0) for _ in range(2)); first.stop()",
    )
    with service(lines=lines, door="0") as pid:
        assert door_of(pid).exists()
    lines = lines.replace("first.stop()", "first.stop(); last.stop()")
    with service(lines=lines, door="0") as pid, pytest.raises(DoorError, match="no open door"):
        door_of(pid)


def test_a_program_under_run_has_a_door_if_that_was_asked_for(runtime, tmp_path):
    program = tmp_path / "app.py"
    program.write_text(SERVICE)
    lines = f"""
import sys
from leakwatch.cli import main
sys.exit(main(["run", "--door", {str(program)!r}]))
"""
    with service(lines=lines, door="") as pid:
        assert json.loads(attach(str(pid), "status")[1])["pid"] == pid


def test_the_children_are_asked_too_and_told_as_one(runtime):
    with service("fork") as pid:
        wait_for(lambda: len(list((runtime / "leakwatch").iterdir())) == 2)
        family = list(family_of(pid))
        code, out, _ = attach(str(pid), "growing", "--seconds", "1", "--children")
        status = json.loads(attach(str(pid), "status", "--children")[1])
    assert [it["pid"] for it in status] == family
    assert len(family) == 2
    assert code == 1
    assert "1 leak growing in this process" in out.partition("\n")[0]
    assert "found in 2 of 2 processes" in out


def wait_for(condition) -> None:
    end = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)


def test_the_judging_child_of_a_process_has_no_door(runtime):
    with service() as pid:
        attach(str(pid), "why", "Cart")
        assert [it.name for it in (runtime / "leakwatch").iterdir()] == [f"{pid}.sock"]


def test_only_the_user_may_enter_the_folder_and_the_socket(runtime):
    with service() as pid:
        path = door_of(pid)
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_a_folder_that_others_may_enter_is_refused(runtime):
    (runtime / "leakwatch").mkdir(mode=0o755)
    with pytest.raises(DoorError, match="not a folder of this user alone"):
        places.folder_here()
    (runtime / "leakwatch").rmdir()
    (runtime / "leakwatch").symlink_to("/tmp")
    with pytest.raises(DoorError, match="not a folder of this user alone"):
        places.folder_here()


def test_a_process_without_a_door_is_told_what_would_open_one(runtime, closed):
    with service(door="") as pid:
        with pytest.raises(DoorError, match="has no open door; a program opens one by"):
            ask(pid, {"verb": "status"}, 5)
        code, out, error = attach(str(pid), "growing")
    assert (code, out) == (3, "")
    assert "LEAKWATCH_DOOR=1" in error


def test_a_process_that_is_not_there_is_told(runtime):
    with pytest.raises(DoorError, match="there is no process"):
        ask(2**22 + 1, {"verb": "status"}, 5)


def test_another_user_is_refused_on_both_sides(runtime, monkeypatch):
    with pytest.raises(DoorError, match="ask as that user"):
        asking.check_peer(FromAnother(), os.getpid())  # type: ignore[arg-type]
    with pytest.raises(DoorError, match="is that of process 1"):
        asking.check_peer(FromAnother(os.geteuid()), os.getpid())  # type: ignore[arg-type]
    answer = answer_to(FromAnother(), dict)  # type: ignore[arg-type]
    assert answer == {"error": "this door is for the user of the process only"}


class FromAnother:
    """A connection from a process of another user."""

    def __init__(self, user: int = 12345) -> None:
        self._user = user

    def getsockopt(self, *_: int) -> bytes:
        from leakwatch.monitoring.door import CREDENTIALS

        return CREDENTIALS.pack(1, self._user, self._user)


def test_hostile_messages_have_no_effect(runtime):
    noise = random.Random(17)
    messages = [
        b"\n",
        b"{}\n",
        b"[]\n",
        b"null\n",
        b"\xff\xfe\n",
        b"[" * (MOST_ASKED - 1) + b"\n",
        b"{\"verb\": \"__import__('os').system('id')\"}\n",
        b'{"verb": "__class__"}\n',
        b'{"verb": ["growing"]}\n',
        b'{"verb": "growing", "seconds": 1e999}\n',
        b'{"verb": "growing", "seconds": true}\n',
        b'{"verb": "growing", "seconds": -1}\n',
        b'{"verb": "why", "type": 5}\n',
        b'{"verb": "why", "type": "' + b"a" * 600 + b'"}\n',
        b'{"verb": "why"}\n',
        b"x" * (2 * MOST_ASKED),
        b"GET / HTTP/1.1\r\n\r\n",
    ]
    messages += [noise.randbytes(noise.randrange(1, 300)) + b"\n" for _ in range(190)]
    with service() as pid:
        for message in messages:
            assert "error" in json.loads(sent(door_of(pid), message)), message
        assert ask(pid, {"verb": "status"}, 5)["status"]["pid"] == pid


def test_who_says_nothing_or_hangs_up_holds_nobody_up(runtime):
    with service() as pid, socket.socket(socket.AF_UNIX) as silent:
        silent.connect(os.fspath(door_of(pid)))
        with socket.socket(socket.AF_UNIX) as gone:
            gone.connect(os.fspath(door_of(pid)))
            gone.sendall(b'{"verb": "status"}\n')
        assert ask(pid, {"verb": "status"}, 20)["status"]["pid"] == pid


def sent(path: Path, message: bytes) -> bytes:
    """The answer to a message."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(20)
        connection.connect(os.fspath(path))
        with suppress(BrokenPipeError):
            connection.sendall(message)
        return asking.answer_from(connection)


def test_a_door_is_gone_with_its_process(runtime):
    lines = "import leakwatch; print('ready', flush=True)"
    with service(lines=lines) as pid:
        wait_for(lambda: not list((runtime / "leakwatch").iterdir()))
    assert not os.path.exists(runtime / "leakwatch" / f"{pid}.sock")
