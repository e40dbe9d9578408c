"""Asking a process that has no door: from CPython 3.14 on it runs a script that it is handed.

The script brings leakwatch along, meets us at a socket and answers there; see
`leakwatch.monitoring.brought`. The socket and the script are in a new folder that both sides see.
"""

import inspect
import os
import shutil
import socket
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

from leakwatch.errors import DoorError, shown_path
from leakwatch.interpreter import CAN_FORK
from leakwatch.monitoring import brought
from leakwatch.monitoring.processes import (
    DISABLED,
    DISABLED_BY_OPTION,
    environment_of,
    exists,
    files_of,
    may_reach_into,
    minor_of,
    owner_of,
    refuses_scripts,
    what_lets_in,
)
from leakwatch.version import VERSION

remote_exec: Callable[[int, str], None] | None = getattr(sys, "remote_exec", None)
OUR_MINOR = sys.version_info.minor
PACKAGES = ("leakwatch", "weakrefs", "pluggy", "packaging")
"""What the process needs besides the standard library."""
SECONDS_TO_COME = 20.0
"""Time for the main thread of the process to come to a place where it may run a script."""
LONGEST_FOLDER = 80
"""Characters: the name of a socket has 107 at most."""
USUAL = ("/tmp", "/var/tmp")  # noqa: S108 - a new folder is made there, with a name of its own
DISABLED_THERE = (
    f"it takes no scripts from outside; start it without {DISABLED} and without "
    f"`-X {DISABLED_BY_OPTION}`"
)


def why_not_brought(pid: int) -> str | None:
    """Why leakwatch cannot be brought into a process, and what would help; None if it may be."""
    return why_not_understood(pid) or why_not_allowed(pid)


def why_not_understood(pid: int) -> str | None:
    """Why the process, or this one, cannot do it; None if both can."""
    theirs, ours = minor_of(pid), OUR_MINOR
    if theirs is None:
        return "it runs no Python that is known by the name of its program or library"
    if theirs < 14:
        return f"it runs Python 3.{theirs}, and scripts are taken from 3.14 on"
    if remote_exec is None or theirs != ours:
        return (
            f"it runs Python 3.{theirs} and this is 3.{ours}: ask with a leakwatch that is "
            f"installed for 3.{theirs}"
        )
    if not CAN_FORK:
        return "this system cannot fork, and a fork finds the answer while the process goes on"
    return None


def why_not_allowed(pid: int) -> str | None:
    """Why this process may not; None if it may."""
    if owner_of(pid) not in {None, os.geteuid()}:
        return f"it is of user {owner_of(pid)}; ask as that user"
    if refuses_scripts(pid):
        return DISABLED_THERE
    return None if may_reach_into(pid) else what_lets_in()


def homes_for(pid: int) -> dict[str, str]:
    """The packages that the process can read where we have them, each with its folder.

    One in a container has other files: what it is not lent has to be installed there.
    """
    files, homes = files_of(pid), {}
    for name in PACKAGES:
        spec = find_spec(name)
        if (
            spec is not None
            and spec.origin is not None
            and is_same(f"{files}{spec.origin}", spec.origin)
        ):
            homes[name] = os.path.dirname(os.path.dirname(os.path.abspath(spec.origin)))
    return homes


def is_same(theirs: str, ours: str) -> bool:
    """Whether two paths lead to one file."""
    try:
        return os.path.samefile(theirs, ours)
    except OSError:
        return False


@contextmanager
def brought_into(pid: int) -> Iterator[socket.socket]:
    """A connection to a process that answers one question; with the block, all is put away.

    Raises:
        DoorError: the process does not take the script, or does not come to run it.
    """
    with meeting_place(pid) as (here, there), socket.socket(socket.AF_UNIX) as listening:
        try:
            listening.bind(f"{here}/ask")
            listening.listen(1)
            script = Path(here, "script.py")
            script.write_text(script_for(f"{there}/ask", homes_for(pid)), encoding="utf-8")
            with seen_here_too(here, there):
                hand_over(pid, f"{there}/script.py")
            listening.settimeout(SECONDS_TO_COME)
            connection, _ = listening.accept()
        except TimeoutError:
            raise LateError(late(pid)) from None
        except OSError as error:
            raise DoorError(f"process {pid}: {error.strerror or error}") from error
        with connection:
            yield connection


@contextmanager
def seen_here_too(here: str, there: str) -> Iterator[None]:
    """Have a file where the process has its script: `sys.remote_exec` looks, and looks here."""
    if here == there:
        yield
        return
    os.mkdir(there, 0o700)
    script = Path(there, "script.py")
    try:
        script.touch()
        yield
    finally:
        script.unlink(missing_ok=True)
        os.rmdir(there)


class LateError(DoorError):
    """The process has a script and has not run it; it will, whenever it comes to that."""


def late(pid: int) -> str:
    """What is said of a process that did not come."""
    if not exists(pid):
        return f"process {pid} ended"
    return (
        f"process {pid} did not come in {SECONDS_TO_COME:g} seconds: its main thread waits for "
        "something, and takes a script only when it goes on; send it a request, or open a door "
        "in the program"
    )


@contextmanager
def meeting_place(pid: int) -> Iterator[tuple[str, str]]:
    """A new folder of this user alone, as it is seen from here and from the process."""
    here, there = new_folder(pid)
    try:
        yield here, there
    except LateError:
        # Without the file the process would complain on its stderr whenever it comes to run it.
        Path(here, "script.py").write_text(script_to_remove(there), encoding="utf-8")
        os.unlink(f"{here}/ask")
        raise
    except BaseException:
        shutil.rmtree(here, ignore_errors=True)
        raise
    shutil.rmtree(here, ignore_errors=True)


def new_folder(pid: int) -> tuple[str, str]:
    """Make the folder.

    Raises:
        DoorError: there is no place that both sides see, or none that can be written to.
    """
    files = files_of(pid)
    for parent in (environment_of(pid).get("TMPDIR", ""), tempfile.gettempdir(), *USUAL):
        if not parent or len(files) + len(parent) > LONGEST_FOLDER:
            continue
        try:
            here = tempfile.mkdtemp(prefix="leakwatch-", dir=f"{files}{parent}")
        except OSError:
            continue
        return here, here.removeprefix(files)
    raise DoorError(
        f"process {pid}: there is no folder for temporary files that both it and this process can "
        f"use; make {USUAL[0]} in its files, which are in {shown_path(files or '/')}"
    )


def script_for(place: str, homes: dict[str, str]) -> str:
    """What the process is to run."""
    return f"{inspect.getsource(brought)}\nbring({place!r}, {homes!r}, {VERSION!r})\n"


def script_to_remove(folder: str) -> str:
    """What it is to run if nobody waits any more: it takes itself away."""
    return (
        "import os\ntry:\n"
        f"    os.unlink({folder + '/script.py'!r})\n    os.rmdir({folder!r})\n"
        "except OSError:\n    pass\n"
    )


def hand_over(pid: int, script: str) -> None:
    """Have the process run a script; it only notes the path now.

    Raises:
        DoorError: it does not take it; the message says what would help.
    """
    assert remote_exec is not None
    try:
        remote_exec(pid, script)
    except PermissionError as error:
        raise DoorError(f"process {pid}: {what_lets_in()}") from error
    except ProcessLookupError as error:
        raise DoorError(f"there is no process {pid}") from error
    except RuntimeError as error:
        # Its messages name neither the process nor a remedy.
        told = DISABLED_THERE if "not enabled" in str(error) else str(error)
        raise DoorError(f"process {pid}: {told}") from error
