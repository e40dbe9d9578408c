"""A door into this process: a socket on which its own user asks what leakwatch can answer.

One line of JSON comes in, with a verb of a few; one line goes out. It is never code. What is too
long, too slow or not understood is refused, and the program goes on.
"""

import atexit
import json
import os
import socket
import struct
from collections.abc import Callable, Mapping
from contextlib import suppress
from itertools import islice
from pathlib import Path
from threading import Thread
from typing import Any

from leakwatch.errors import DoorError, LeakwatchError
from leakwatch.heap.provenance import is_own_frame
from leakwatch.interpreter import get_frame, getpid, monotonic
from leakwatch.isolation.calls import described
from leakwatch.monitoring.places import SUFFIX, folder_here

THREAD = "leakwatch-door"
MOST_ASKED = 1 << 15
"""Bytes of a question: the longest path, each byte of which JSON may write as six."""
SECONDS_TO_ASK = 2.0
SECONDS_TO_HEAR = 10.0
"""Time for the whole question to come, and for some of the answer to be taken."""
SECONDS_UNTIL_RENEWED = 30.0
MOST_SWEPT = 1000
CREDENTIALS = struct.Struct("3i")

Answer = Mapping[str, Any]
Answers = Mapping[str, Callable[[Mapping[str, Any]], Answer]]
MakeAnswers = Callable[[], Answers]
"""Called for each question: a session is imported when it is needed, and not at the start."""


def uid_of_peer(connection: socket.socket) -> tuple[int, int]:
    """The process and the user at the other end.

    Raises:
        DoorError: this system does not tell.
    """
    option = getattr(socket, "SO_PEERCRED", None)
    if option is None:
        raise DoorError("this system does not tell who is at the other end of a socket")
    raw = connection.getsockopt(socket.SOL_SOCKET, option, CREDENTIALS.size)
    pid, user, _ = CREDENTIALS.unpack(raw)
    return pid, user


class Door:
    """Open from its construction until `close`, or the end of the process.

    Args:
        answers: gives, by verb, what answers a question.
        in_children: whether a forked child is to have one of its own.

    Raises:
        DoorError: it cannot be opened.
    """

    def __init__(self, answers: MakeAnswers, *, in_children: bool = False) -> None:
        self._answers, self.in_children = answers, in_children
        self.open()

    def open(self) -> None:
        """Open it in this process."""
        if not hasattr(socket, "SO_PEERCRED"):
            raise DoorError("no door: this system does not tell who is at the other end")
        self._process, self._is_closed = getpid(), False
        self.path = folder_here() / f"{getpid()}{SUFFIX}"
        self._socket = socket_at(self.path)
        Thread(target=self._serve, name=THREAD, daemon=True).start()

    def close(self) -> None:
        """Close it, and take its name away; in a forked child the parent's stays."""
        self._is_closed = True
        if self._process == getpid():
            self.path.unlink(missing_ok=True)
            with suppress(OSError):  # it wakes the thread, which waits for somebody
                self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()

    def _serve(self) -> None:
        while not self._is_closed:
            try:
                connection, _ = self._socket.accept()
            except TimeoutError:
                self._renew()
                continue
            except OSError:
                return
            with connection, suppress(OSError):
                talk(connection, self._answers)

    def _renew(self) -> None:
        """Make the socket anew where something has cleaned the folder."""
        if self.path.exists():
            return
        lost = self._socket
        with suppress(DoorError):  # no room just now; it is tried again
            folder_here()
            self._socket = socket_at(self.path)
            lost.close()
        if self._is_closed:
            self.close()


def socket_at(path: Path) -> socket.socket:
    """A socket that listens.

    Raises:
        DoorError: the system has none for us.
    """
    listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        # What is left there is of a process that had this number before.
        path.unlink(missing_ok=True)
        listening.bind(os.fspath(path))
        path.chmod(0o600)
        listening.listen(4)
        listening.settimeout(SECONDS_UNTIL_RENEWED)
    except OSError as error:
        listening.close()
        raise DoorError(f"no door: {path}: {error.strerror or error}") from error
    return listening


def sweep(folder: Path) -> None:
    """Take away what processes have left that were killed: sockets that nobody listens at."""
    for path in islice(folder.glob(f"*{SUFFIX}"), MOST_SWEPT):
        if os.path.exists(f"/proc/{path.stem}"):
            continue
        # It may be of another container that shares the folder, and knows other numbers.
        with socket.socket(socket.AF_UNIX) as connection, suppress(OSError):
            connection.settimeout(SECONDS_TO_ASK)
            try:
                connection.connect(os.fspath(path))
            except ConnectionRefusedError:
                path.unlink(missing_ok=True)


def talk(connection: socket.socket, answers: MakeAnswers) -> None:
    """Hear one question and answer it.

    Raises:
        OSError: nobody takes the answer.
    """
    answer = answer_to(connection, answers)
    connection.settimeout(SECONDS_TO_HEAR)
    connection.sendall(json.dumps(answer).encode() + b"\n")


def answer_to(connection: socket.socket, make_answers: MakeAnswers) -> Answer:
    """What is sent; whatever goes wrong is an answer too."""
    try:
        _, user = uid_of_peer(connection)
        if user != os.geteuid():
            return {"error": "this door is for the user of the process only"}
        asked = question_from(connection)
        verb, answers = asked.get("verb"), make_answers()
        if type(verb) is not str or verb not in answers:
            return {"error": f"expected one of the verbs {', '.join(answers)}"}
        return answers[verb](asked)
    except LeakwatchError as error:
        return {"error": str(error)}
    except Exception as error:  # noqa: BLE001 - of the one who asks, or ours; not the program's
        return {"error": described(error)}


def question_from(connection: socket.socket) -> dict[str, Any]:
    """One line of JSON, of bounded length and in bounded time.

    Raises:
        DoorError: it is too long, too slow, or no JSON object.
    """
    found, deadline = bytearray(), monotonic() + SECONDS_TO_ASK
    while not found.endswith(b"\n"):
        if len(found) > MOST_ASKED:
            raise DoorError(f"a question has at most {MOST_ASKED:,} bytes")
        connection.settimeout(max(0.01, deadline - monotonic()))
        try:
            more = connection.recv(MOST_ASKED)
        except TimeoutError:
            more = b""
        if not more:
            raise DoorError("the question did not come to its end in time")
        found += more
    try:
        asked = json.loads(found)
    except (ValueError, RecursionError) as error:
        raise DoorError("the question is no JSON") from error
    if type(asked) is not dict:
        raise DoorError("the question is no JSON object")
    return asked


class OpenDoor:
    """The door of this process, if there is one.

    Attributes:
        door: that one.
    """

    def __init__(self) -> None:
        self.door: Door | None = None


_open = OpenDoor()


def open_door(answers: MakeAnswers, *, in_children: bool = False) -> Path:
    """Open the door of this process, once; gives its path.

    Args:
        answers: gives, by verb, what answers a question.
        in_children: whether each forked child is to have one of its own.

    Raises:
        DoorError: it cannot be opened; the message says why.
    """
    if _open.door is None:
        _open.door = Door(answers, in_children=in_children)
        sweep(_open.door.path.parent)
    _open.door.in_children |= in_children
    return _open.door.path


def close_door() -> None:
    """Close it, if it is open."""
    if _open.door is not None:
        _open.door.close()
        _open.door = None


def close_unless_asked_for() -> None:
    """Close the door that a monitor opened; who asks for a door itself wants it in children too."""
    if _open.door is not None and not _open.door.in_children:
        close_door()


def in_child() -> None:
    """In a forked child the door is the parent's; the child gets one where that was asked for.

    Not where leakwatch itself has forked: such a child only judges.
    """
    door = _open.door
    if door is None:
        return
    door.close()
    _open.door = None
    if door.in_children and not is_own_frame(get_frame(1)):
        with suppress(DoorError):
            door.open()
            _open.door = door


atexit.register(close_door)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=in_child)
