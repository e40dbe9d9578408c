"""Asking another process: through its door, or with leakwatch brought along."""

import json
import os
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from leakwatch.errors import DoorError
from leakwatch.interpreter import sleep
from leakwatch.monitoring.bringing import brought_into, why_not_brought
from leakwatch.monitoring.door import uid_of_peer
from leakwatch.monitoring.places import doors_of
from leakwatch.monitoring.processes import age_of, environment_of, exists, owner_of

MOST_ANSWERED = 64 << 20
"""Bytes of an answer."""
SECONDS_TO_START = 5.0
DOOR = "LEAKWATCH_DOOR"
HOW_TO_OPEN = (
    "a program opens one by `leakwatch.monitor()`, by `LEAKWATCH_DOOR=1` in its environment and "
    "`import leakwatch`, or when it is started by `leakwatch run --door`"
)


def ask(pid: int, question: Mapping[str, Any], seconds: float) -> dict[str, Any]:
    """What a process answers.

    Args:
        pid: its number.
        question: with a verb.
        seconds: how long to wait.

    Raises:
        DoorError: there is no way into it, the door is not its own, or what it says is no answer.
    """
    with connected_to(pid, seconds) as connection:
        try:
            connection.settimeout(seconds)
            check_peer(connection, pid)
            connection.sendall(json.dumps(question).encode() + b"\n")
            raw = answer_from(connection)
        except TimeoutError as error:
            raise DoorError(f"process {pid} did not answer in {seconds:g} seconds") from error
        except OSError as error:
            raise DoorError(f"the door of process {pid}: {error.strerror or error}") from error
    return understood(raw, pid)


@contextmanager
def connected_to(pid: int, seconds: float) -> Iterator[socket.socket]:
    """A connection to a process, through its door if it has one."""
    path = door_of(pid)
    if path is None:
        with brought_into(pid) as connection:
            yield connection
        return
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.settimeout(seconds)
        try:
            connection.connect(os.fspath(path))
        except ConnectionRefusedError as error:
            raise DoorError(f"the door of process {pid} is closed: the process ended") from error
        except OSError as error:
            raise DoorError(f"the door of process {pid}: {error.strerror or error}") from error
        yield connection


def door_of(pid: int) -> Path | None:
    """The socket of a process; None where it has none, and leakwatch can be brought into it.

    Raises:
        DoorError: there is no such process, or no way into it.
    """
    path = socket_of(pid)
    while path is None and will_open(pid):
        sleep(0.05)
        path = socket_of(pid)
    if path is not None:
        return path
    if not exists(pid):
        raise DoorError(f"there is no process {pid}")
    owner = owner_of(pid)
    if owner not in (None, os.geteuid()):
        raise DoorError(f"process {pid} is of user {owner}; ask as that user")
    refused = why_not_brought(pid)
    if refused:
        raise DoorError(
            f"process {pid} has no open door; {HOW_TO_OPEN}. Nor can leakwatch be brought into "
            f"it: {refused}"
        )
    return None


def will_open(pid: int) -> bool:
    """Whether a process that has just been started was asked for a door: it may be importing."""
    asked = environment_of(pid).get(DOOR, "") not in {"", "0"}
    return asked and age_of(pid) < SECONDS_TO_START


def socket_of(pid: int) -> Path | None:
    """The socket of a process, if it has one."""
    return next((path for path in doors_of(pid) if path.is_socket()), None)


def check_peer(connection: socket.socket, pid: int) -> None:
    """Refuse a socket behind which another user is, or another process."""
    process, user = uid_of_peer(connection)
    if user != os.geteuid():
        raise DoorError(f"the door of process {pid} is of user {user}; ask as that user")
    # 0 is one that is not seen from here, as in another container.
    if process not in (0, pid):
        raise DoorError(f"the door of process {pid} is that of process {process}")


def answer_from(connection: socket.socket) -> bytes:
    """All that comes, up to a bound."""
    found = bytearray()
    while more := connection.recv(1 << 16):
        found += more
        if len(found) > MOST_ANSWERED:
            raise DoorError(f"the answer has more than {MOST_ANSWERED:,} bytes")
    return bytes(found)


def understood(raw: bytes, pid: int) -> dict[str, Any]:
    """The answer as data.

    Raises:
        DoorError: it is none, or it says what is wrong.
    """
    try:
        found = json.loads(raw)
    except (ValueError, RecursionError):
        found = None
    if type(found) is not dict:
        raise DoorError(f"process {pid} ended before it answered, or gave no answer")
    if "error" in found:
        raise DoorError(f"process {pid}: {found['error']}")
    return found
