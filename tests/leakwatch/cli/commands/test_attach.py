"""`leakwatch attach PID snapshot`: the heap of a process that runs, in a file of who asks."""

import io
import json
import os
import stat
import subprocess
import sys
from threading import Event

import pytest

import leakwatch
from leakwatch import Report
from leakwatch.cli import main
from leakwatch.cli.commands import attach as commands
from leakwatch.cli.commands.attach import heap_of, place_of_heaps
from leakwatch.errors import ConfigurationError, ReportFileError
from leakwatch.monitoring.asking import door_of
from leakwatch.monitoring.processes import family_of
from tests.heaps import environment
from tests.leakwatch.monitoring.test_door import sent, service, wait_for


@pytest.fixture
def runtime(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    return tmp_path


@pytest.fixture
def folder(tmp_path):
    """Where the one who asks is; the service is somewhere else."""
    (tmp_path / "here").mkdir()
    return tmp_path / "here"


def attach(folder, *arguments: str) -> tuple[int, str, str]:
    done = subprocess.run(
        [sys.executable, "-m", "leakwatch", "attach", *arguments],
        cwd=folder,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    return done.returncode, done.stdout, done.stderr


def test_the_heap_is_in_a_file_of_the_one_who_asks_and_can_be_asked(runtime, folder):
    with service() as pid:
        code, out, error = attach(folder, str(pid), "snapshot", "-o", "a.lwheap")
    assert (code, error) == (0, "")
    assert out.startswith(f"{folder}/a.lwheap: ")
    assert f"process {pid} stood still for" in out
    assert stat.S_IMODE((folder / "a.lwheap").stat().st_mode) == 0o600
    assert [it.name for it in folder.iterdir()] == ["a.lwheap"]
    report = leakwatch.Snapshot.load(folder / "a.lwheap").why("__main__.Cart")
    assert report.leaks[0].path.expression.startswith("__main__.CARTS[")


def test_each_process_of_a_family_has_a_file(runtime, folder):
    with service("fork") as pid:
        wait_for(lambda: len(list((runtime / "leakwatch").iterdir())) == 2)
        family = list(family_of(pid))
        code, out, _ = attach(folder, str(pid), "snapshot", "--children", "-o", "a.lwheap")
    assert code == 0
    names = [f"a-{it}.lwheap" for it in family]
    assert [line.partition(": ")[0] for line in out.splitlines()] == [
        str(folder / it) for it in names
    ]
    assert sorted(it.name for it in folder.iterdir()) == sorted(names)


def test_a_child_without_a_door_is_told_and_the_others_are_written(runtime, folder, monkeypatch):
    monkeypatch.setenv("PYTHON_DISABLE_REMOTE_DEBUG", "1")
    lines = """
import os, time
import leakwatch
os.environ["N"] = str(os.fork())
if os.environ["N"] == "0":
    from leakwatch.monitoring.door import close_door
    close_door()
print("ready", flush=True)
for _ in range(1200): time.sleep(0.05)
"""
    with service(lines=lines) as pid:
        wait_for(lambda: len(list((runtime / "leakwatch").iterdir())) == 1)
        child = next(it for it in family_of(pid) if it != pid)
        code, _, error = attach(folder, str(pid), "snapshot", "--children")
    assert code == 3
    assert f"process {child} has no open door" in error
    assert [it.name for it in folder.iterdir()] == [f"heap-{pid}.lwheap"]


@pytest.mark.parametrize("there", ["link", "folder", "pipe"])
def test_what_is_no_file_of_the_user_is_not_replaced(runtime, folder, there):
    path = folder / "a.lwheap"
    if there == "link":
        (folder / "other").write_text("dear")
        path.symlink_to(folder / "other")
    elif there == "pipe":
        os.mkfifo(path)
    else:
        path.mkdir()
    before = path.lstat()
    with service() as pid:
        question = json.dumps({"verb": "snapshot", "path": str(path)}).encode() + b"\n"
        answer = json.loads(sent(door_of(pid), question))
    assert "there is something else; give another name" in answer["error"]
    assert path.lstat() == before


@pytest.mark.parametrize("path", ["a.lwheap", "", None, "/tmp/\0", ["/tmp/a"]])
def test_a_path_that_is_not_whole_is_refused_by_the_process(runtime, folder, path):
    with service() as pid:
        question = json.dumps({"verb": "snapshot", "path": path}).encode() + b"\n"
        answer = json.loads(sent(door_of(pid), question))
    assert "expected an absolute path" in answer["error"]


def test_a_full_disk_is_told_and_the_service_goes_on(runtime, folder):
    lines = """
import resource, time
import leakwatch
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
print("ready", flush=True)
for _ in range(1200): time.sleep(0.05)
"""
    with service(lines=lines) as pid:
        code, _, error = attach(folder, str(pid), "snapshot", "-o", "a.lwheap")
        status = attach(folder, str(pid), "status")[0]
    assert (code, status) == (3, 0)
    assert "cannot write the snapshot: File too large" in error
    assert list(folder.iterdir()) == []


def test_a_place_that_cannot_be_is_refused_before_anybody_is_asked(tmp_path):
    with pytest.raises(ConfigurationError, match="needs a file"):
        place_of_heaps("-", several=False)
    with pytest.raises(ReportFileError, match="create it first"):
        place_of_heaps(str(tmp_path / "nowhere" / "a.lwheap"), several=False)


def test_a_link_on_the_way_is_followed_by_the_one_who_asks(tmp_path):
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    assert place_of_heaps(str(tmp_path / "link" / "a"), several=False) == f"{tmp_path}/real/a"


def test_a_file_that_only_the_process_sees_and_one_that_is_not_whole_are_gaps(tmp_path):
    figures = {"objects": 1, "bytes": 2, "paused": 0.001, "partial": "the limit"}
    path = str(tmp_path / "a.lwheap")
    assert "look in /proc/7/root" in heap_of(7, path, {"snapshot": figures})[1]
    (tmp_path / "a.lwheap").touch()
    assert "not the whole heap: the limit" in heap_of(7, path, {"snapshot": figures})[1]
    assert heap_of(7, path, {"snapshot": None})[1] == "process 7 gave no answer about its heap"


def test_an_interrupt_tells_what_is_known_and_who_has_not_answered(monkeypatch):
    never, shown = Event(), io.TextIOWrapper(io.BytesIO(), "utf-8")

    def answered(pid, question, wait):
        if pid == 2:
            never.wait()
        return {"report": Report(f"process {pid}", "growing").to_dict()}

    def interrupted(stage, done):
        if done:
            raise KeyboardInterrupt

    monkeypatch.setattr(commands, "asked_of_one", answered)
    monkeypatch.setattr(commands, "advances", interrupted)
    monkeypatch.setattr(commands, "family_of", lambda pid: [1, 2])
    monkeypatch.setattr(sys, "__stdout__", shown)
    try:
        assert main(["attach", "1", "growing", "--children"]) == 130
    finally:
        never.set()
    said = shown.buffer.getvalue().decode()
    assert said.startswith("leakwatch: not judged growing in process 1\n")
    assert "\npartial: interrupted before all had answered\n" in said
    assert "\nnot judged: process 2 had not answered yet\n" in said
