"""The ways into a running process: which of them is open, and what would open the others."""

import os
from collections.abc import Iterator
from dataclasses import dataclass

from leakwatch.errors import DoorError
from leakwatch.monitoring.asking import HOW_TO_OPEN, socket_of
from leakwatch.monitoring.bringing import homes_for, why_not_brought
from leakwatch.monitoring.processes import catches, environment_of, exists, minor_of, owner_of
from leakwatch.monitoring.signals import VARIABLE, signal_named


@dataclass(frozen=True, slots=True)
class WayIn:
    """One way.

    Attributes:
        name: of it.
        is_open: whether it can be gone.
        told: where it is, or what would open it.
    """

    name: str
    is_open: bool
    told: str


def ways_into(pid: int) -> Iterator[WayIn]:
    """The ways into a process, in the order in which they are tried.

    Raises:
        DoorError: there is no such process.
    """
    if not exists(pid):
        raise DoorError(f"there is no process {pid}")
    yield by_socket(pid)
    yield by_script(pid)
    yield by_signal(pid)


def by_socket(pid: int) -> WayIn:
    """Through the door that the program has opened."""
    path = socket_of(pid)
    owner = owner_of(pid)
    if path is None:
        return WayIn("socket", False, f"it has none; {HOW_TO_OPEN}")
    if owner not in (None, os.geteuid()):
        return WayIn("socket", False, f"{path} is of user {owner}; ask as that user")
    return WayIn("socket", True, str(path))


def by_script(pid: int) -> WayIn:
    """With leakwatch brought along."""
    refused = why_not_brought(pid)
    if refused is not None:
        return WayIn("remote_exec", False, refused)
    told = f"Python 3.{minor_of(pid)} there and here, and this user may"
    if "leakwatch" not in homes_for(pid):
        told += (
            "; but it has other files than this process, and leakwatch has to be installed there, "
            "or this install be mounted at the same place"
        )
    return WayIn("remote_exec", True, told)


def by_signal(pid: int) -> WayIn:
    """By a signal on which it writes what is asked for."""
    asked = environment_of(pid).get(VARIABLE, "")
    if not asked:
        return WayIn(
            "signal", False, f"{VARIABLE} is not in the environment that it was started with"
        )
    heard = [it for it in asked.split(",") if hears(pid, it)]
    if not heard:
        return WayIn(
            "signal",
            False,
            f"{VARIABLE}={asked} is in its environment, but it has not imported leakwatch in its "
            "main thread, or handles the signal itself",
        )
    return WayIn("signal", True, f"{VARIABLE}={','.join(heard)}")


def hears(pid: int, asked: str) -> bool:
    """Whether a process has a handler for a signal that it was asked to listen to."""
    try:
        return catches(pid, signal_named(asked.partition(":")[0]))
    except DoorError:
        return False
