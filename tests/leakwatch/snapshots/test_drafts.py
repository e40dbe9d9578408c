"""A draft becomes a file when it is whole; whoever is killed before leaves nothing."""

import os
import signal
import stat
import subprocess
import sys

import pytest

from leakwatch.snapshots import drafts
from leakwatch.snapshots.drafts import unnamed, whole_file
from tests.heaps import environment

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork")


@pytest.fixture(params=["unnamed", "named"])
def folder(request, tmp_path, monkeypatch):
    """A folder with an old file; on a file system that has files without names, or none."""
    if request.param == "named":
        monkeypatch.setattr(drafts, "unnamed", lambda _: None)
    else:
        descriptor = unnamed(str(tmp_path))
        if descriptor is None:
            pytest.skip("every file has a name here")
        os.close(descriptor)
    (tmp_path / "heap").write_text("the old one")
    return tmp_path


def opened(folder):
    return whole_file(str(folder / "heap"), str(folder / ".draft"))


def test_it_takes_the_place_of_the_old_file_and_is_its_owners_alone(folder):
    with opened(folder) as file:
        file.write(b"the new one")
        assert (folder / "heap").read_text() == "the old one"
    assert [it.name for it in folder.iterdir()] == ["heap"]
    assert (folder / "heap").read_text() == "the new one"
    assert stat.S_IMODE((folder / "heap").stat().st_mode) == 0o600


def test_what_fails_leaves_the_old_file_alone(folder):
    with pytest.raises(UnicodeEncodeError), opened(folder) as file:
        file.write("\udc80".encode())
    assert [it.name for it in folder.iterdir()] == ["heap"]
    assert (folder / "heap").read_text() == "the old one"


def test_a_missing_folder_is_told(folder):
    with pytest.raises(FileNotFoundError), opened(folder / "nowhere"):
        pass


def test_a_writer_that_is_killed_leaves_nothing_where_files_need_no_name(folder):
    if drafts.unnamed is not unnamed:
        pytest.skip("a named draft is removed by the process that waits")
    child = os.fork()
    if not child:
        with opened(folder) as file:
            file.write(b"half of it")
            file.flush()
            os.kill(os.getpid(), signal.SIGKILL)
    os.waitpid(child, 0)
    assert [it.name for it in folder.iterdir()] == ["heap"]


KILLED = """
import os, signal, sys
import leakwatch
from leakwatch.snapshots import writing
path, last = sys.argv[1:]
real, program = writing.write, os.getpid()
def write(file, *arguments):
    file.write(b"")
    os.kill(program, signal.SIGKILL)
    if last == "both":
        os.kill(os.getpid(), signal.SIGKILL)
    return real(file, *arguments)
writing.write = write
leakwatch.snapshot(path)
"""


@pytest.mark.skipif(not hasattr(os, "O_TMPFILE"), reason="every file has a name here")
@pytest.mark.parametrize("killed", ["program", "both"])
def test_a_program_that_is_killed_while_its_child_writes_leaves_a_whole_file_or_none(
    tmp_path, killed
):
    command = [sys.executable, "-c", KILLED, str(tmp_path / "a.lwheap"), killed]
    # The child has the pipe too: its end is that of both.
    done = subprocess.run(command, env=environment(), stdout=subprocess.PIPE, check=False)
    assert done.returncode == -signal.SIGKILL
    assert [it.name for it in tmp_path.iterdir()] == ["a.lwheap"] * (killed == "program")
