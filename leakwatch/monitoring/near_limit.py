"""The heap in a file on the way to a memory limit: what is killed there can be asked later.

The limit is that of the container. The file is written once, while there is room for the copy that
a forked child makes of what changes meanwhile.
"""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread

from leakwatch.errors import DoorError, FaultWarning, quoted
from leakwatch.forking.headroom import Room, containers
from leakwatch.heap.provenance import is_own_frame
from leakwatch.interpreter import get_frame, sleep
from leakwatch.isolation.calls import described, warn
from leakwatch.monitoring.places import Writing, folder_here

VARIABLE = "LEAKWATCH_SNAPSHOT_AT"
THREAD = "leakwatch-near-limit"
SECONDS = 1.0
"""Between two looks at the memory, each of which reads a few small files."""
LOCK = "near-limit.lock"
SHARE = re.compile(r"([1-9][0-9]?)%")


class NearLimit:
    """Writes once, when so much of the memory limit is in use; each forked child for itself.

    Args:
        asked: the share, such as `75%`.
        write: what is written.

    Raises:
        DoorError: that is no share, or there is no limit.
    """

    def __init__(self, asked: str, write: Writing) -> None:
        self._share, self._write = share_of(asked), write
        if narrowest() is None:
            raise DoorError(
                "no memory limit of a container is known here, and nothing is written near one"
            )
        self.watch()

    def watch(self) -> None:
        """Begin to look at the memory, in this process."""
        Thread(target=self._run, name=THREAD, daemon=True).start()

    def _run(self) -> None:
        while not self._is_near() or not self._written():
            sleep(SECONDS)

    def _is_near(self) -> bool:
        room = narrowest()
        return room is not None and room.limit - room.left >= self._share * room.limit

    def _written(self) -> bool:
        """Write, if no other process does at this moment; whether that is done with."""
        try:
            with alone() as is_alone:
                if is_alone:
                    self._write.to_file()
                return is_alone
        except Exception as error:  # noqa: BLE001 - no memory, a full disk; the program goes on
            warn(f"nothing is written near the limit: {described(error)}", FaultWarning, 2)
            return True


def share_of(asked: str) -> float:
    """The share that a text such as `75%` means.

    Raises:
        DoorError: none.
    """
    found = SHARE.fullmatch(asked.strip())
    if found is None:
        raise DoorError(f"expected a share of the memory limit, such as 75%, got {quoted(asked)}")
    return int(found[1]) / 100


def narrowest() -> Room | None:
    """The narrowest memory limit of the containers around this process, if there is one."""
    return min(containers(), key=lambda room: room.left, default=None)


@contextmanager
def alone() -> Iterator[bool]:
    """Whether no other process of this user is at it: the copies of several would add up."""
    import fcntl

    lock = os.open(folder_here() / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            # Of this process alone: a child that the program forks meanwhile does not have it.
            fcntl.lockf(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except (BlockingIOError, PermissionError):
            yield False
        else:
            yield True
    finally:
        os.close(lock)


_watching: list[NearLimit] = []


def write_near(asked: str, write: Writing) -> None:
    """Write once, when so much of the memory limit is in use; see `NearLimit`."""
    _watching.append(NearLimit(asked, write))


def in_child() -> None:
    """A forked child watches too; not one that leakwatch itself has forked to judge."""
    if not is_own_frame(get_frame(1)):
        for watching in _watching:
            watching.watch()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=in_child)
