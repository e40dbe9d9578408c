"""Where the doors of processes are: a socket for each, in a folder of its user alone.

What a process writes without having been asked for a place is there too.
"""

import os
import stat
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from leakwatch.errors import DoorError
from leakwatch.monitoring.processes import environment_of, files_of, number_within

PRIVATE = 0o700
SUFFIX = ".sock"


def folder_here() -> Path:
    """The folder for doors of this user, made where it is missing.

    Raises:
        DoorError: somebody else has it, or may enter it.
    """
    folder = next(folders(dict(os.environ)))
    try:
        folder.mkdir(mode=PRIVATE, exist_ok=True)
        found = folder.lstat()
    except OSError as error:
        raise DoorError(f"no folder for the door: {folder}: {error.strerror}") from error
    if not is_private(found):
        raise DoorError(
            f"no folder for the door: {folder} is not a folder of this user alone; "
            "remove it, or set XDG_RUNTIME_DIR to a folder that is"
        )
    return folder


@dataclass(frozen=True, slots=True)
class Writing:
    """Something that a process writes of itself.

    Attributes:
        suffix: of the file, which has the number of the process for a name.
        write: writes it, given the path.
    """

    suffix: str
    write: Callable[[str], object]

    def to_file(self) -> None:
        """Write it, in place of what this process has written before.

        Raises:
            DoorError: there is no folder for it.
            ValueError: the file cannot be written.
        """
        self.write(os.fspath(folder_here() / f"{os.getpid()}{self.suffix}"))


def is_private(found: os.stat_result) -> bool:
    """Whether it is a folder of this user's that nobody else may enter; no link to one."""
    mine = found.st_uid == os.geteuid()
    return stat.S_ISDIR(found.st_mode) and mine and not found.st_mode & 0o077


def folders(environment: dict[str, str], files: str = "") -> Iterator[Path]:
    """The folders in which a process with such an environment has its door, the first it can.

    Args:
        environment: of the process.
        files: where its files are, as seen from here.
    """
    runtime = environment.get("XDG_RUNTIME_DIR", "")
    if runtime and os.path.isdir(f"{files}{runtime}"):
        yield Path(f"{files}{runtime}", "leakwatch")
    temporary = environment.get("TMPDIR") or tempfile.gettempdir()
    yield Path(f"{files}{temporary}", f"leakwatch-{os.geteuid()}")


def doors_of(pid: int) -> Iterator[Path]:
    """Where the door of a process can be: by its environment, then by ours."""
    files, number = files_of(pid), number_within(pid)
    for environment in (environment_of(pid), dict(os.environ), {}):
        for folder in folders(environment, files):
            yield folder / f"{number}{SUFFIX}"
