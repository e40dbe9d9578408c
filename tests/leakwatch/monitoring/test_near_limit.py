"""On the way to a memory limit the heap is written: once, by one process at a time."""

import os

import pytest

import leakwatch
from leakwatch.errors import DoorError
from leakwatch.forking import headroom
from leakwatch.monitoring.near_limit import NearLimit, alone, share_of
from leakwatch.monitoring.places import Writing, folder_here
from tests.leakwatch.monitoring.test_door import SERVICE, service, wait_for


@pytest.fixture
def runtime(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    return tmp_path / "leakwatch"


@pytest.fixture
def container(tmp_path, monkeypatch):
    """The files of a container with a limit of 1,000 bytes; gives the one with what is in use."""
    files = tmp_path / "files"
    (files / "proc/self").mkdir(parents=True)
    (files / "proc/self/cgroup").write_text("0::/\n")
    (files / "sys/fs/cgroup").mkdir(parents=True)
    (files / "sys/fs/cgroup/memory.max").write_text("1000\n")
    used = files / "sys/fs/cgroup/memory.current"
    used.write_text("500\n")
    monkeypatch.setattr(headroom, "FILES", files)
    return used


WATCHED = SERVICE.replace(
    "import leakwatch\n",
    """
import pathlib
from leakwatch.forking import headroom
headroom.FILES = pathlib.Path(os.environ["FILES"])
from leakwatch.monitoring import near_limit
near_limit.SECONDS = 0.02
from leakwatch.api import write_near_limit
write_near_limit("75%")
""",
)


def test_the_heap_is_written_when_the_share_is_reached_and_the_program_goes_on(
    runtime, container, monkeypatch
):
    monkeypatch.setenv("FILES", str(headroom.FILES))
    with service(lines=WATCHED, door="") as pid:
        heap = runtime / f"{pid}.lwheap"
        assert not heap.exists()
        container.write_text("750\n")
        wait_for(heap.exists)
        # Of three threads the one that watched has ended.
        wait_for(lambda: len(os.listdir(f"/proc/{pid}/task")) == 2)
    report = leakwatch.Snapshot.load(heap).why("__main__.Cart")
    assert report.leaks[0].path.expression.startswith("__main__.CARTS[")


def test_a_forked_child_writes_its_own(runtime, container, monkeypatch):
    monkeypatch.setenv("FILES", str(headroom.FILES))
    with service("fork", lines=WATCHED, door=""):
        container.write_text("999\n")
        wait_for(lambda: len(list(runtime.glob("*.lwheap"))) == 2)


def test_what_is_used_by_files_that_can_go_is_not_counted(runtime, container):
    (container.parent / "memory.stat").write_text("inactive_file 400\n")
    container.write_text("1000\n")
    watching = NearLimit.__new__(NearLimit)
    watching._share = 0.75
    assert not watching._is_near()
    (container.parent / "memory.stat").write_text("inactive_file 100\n")
    assert watching._is_near()


def test_who_is_not_alone_waits_for_the_next_time(runtime, container):
    written: list[str] = []
    watching = NearLimit.__new__(NearLimit)
    watching._write = Writing(".txt", written.append)
    folder_here()
    ready, begun = os.pipe(), os.pipe()
    child = os.fork()
    if not child:
        with alone() as is_alone:
            os.write(ready[1], b"%d" % is_alone)
            os.read(begun[0], 1)
        os._exit(0)
    assert os.read(ready[0], 1) == b"1"
    assert not watching._written()
    os.write(begun[1], b"1")
    os.waitpid(child, 0)
    assert watching._written()
    assert written == [str(runtime / f"{os.getpid()}.txt")]


def test_what_fails_is_told_once(runtime, container):
    def fail(_: str) -> None:
        raise OSError(28, "No space left on device")

    watching = NearLimit.__new__(NearLimit)
    watching._write = Writing(".txt", fail)
    with pytest.warns(UserWarning, match="nothing is written near the limit: .*No space left"):
        assert watching._written()


def test_without_a_limit_and_without_a_share_it_is_refused(runtime, container):
    for asked in ("", "75", "0%", "100%", "2GiB", "-5%"):
        with pytest.raises(DoorError, match="such as 75%"):
            share_of(asked)
    (container.parent / "memory.max").write_text("max\n")
    with pytest.raises(DoorError, match="no memory limit of a container"):
        NearLimit("75%", Writing(".txt", print))
