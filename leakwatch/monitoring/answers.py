"""What can be asked at a door, and how it is answered: each verb a function of the question."""

import os
import stat
import sys
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from leakwatch.errors import DoorError, quoted, shown_path
from leakwatch.interpreter import CAN_FORK, getpid, monotonic
from leakwatch.monitoring.door import Answer, Answers
from leakwatch.monitoring.looks import NAME, growing
from leakwatch.monitoring.monitor import running_monitors
from leakwatch.report import Report
from leakwatch.tracking.case import Host, answered
from leakwatch.tracking.watching import NAME as WATCHED
from leakwatch.tracking.watching import check
from leakwatch.tracking.why_alive import Target, explain
from leakwatch.version import VERSION

MOST_SECONDS = 600.0
LONGEST_NAME = 500
SECONDS = 5.0
WHERE = "fork" if CAN_FORK else "here"
"""Where it is judged: the program is to stop as short as can be."""
WriteHeap = Callable[[str, Any, Any], Answer]
"""Writes the heap into a file with this path; how it shows keys and how large it may be, as they
were sent; gives what is to be told of it."""
_since = monotonic()


def answers_of(host: Host, write_heap: WriteHeap) -> Answers:
    """The verbs, for a session and what writes its heap."""
    return {
        "growing": partial(answer_growing, host),
        "why": partial(answer_why, host),
        "check": partial(answer_check, host),
        "snapshot": partial(answer_snapshot, write_heap),
        "status": answer_status,
    }


def as_answer(report: Report) -> Answer:
    """A report as it is sent."""
    return {"report": report.to_dict()}


def answer_growing(host: Host, asked: Mapping[str, Any]) -> Answer:
    """What grows, seen in so many `seconds`."""
    seconds = asked.get("seconds", SECONDS)
    if type(seconds) not in (int, float) or not 0 < seconds <= MOST_SECONDS:
        raise DoorError(
            f"seconds: expected a number above 0 and up to {MOST_SECONDS:g}, got {quoted(seconds)}"
        )
    return as_answer(answered(lambda: growing(seconds, None, host), NAME, "growing"))


def answer_why(host: Host, asked: Mapping[str, Any]) -> Answer:
    """What holds the objects of a `type`, which is given by its name."""
    name = asked.get("type")
    if type(name) is not str or not 0 < len(name) <= LONGEST_NAME:
        raise DoorError(f"type: expected the name of a class, got {quoted(name)}")
    target = Target(name)
    return as_answer(answered(lambda: explain(target, host, analyse=WHERE), name, "why"))


def answer_check(host: Host, asked: Mapping[str, Any]) -> Answer:
    """What of the watched objects should be gone."""
    return as_answer(answered(lambda: check(host, WHERE), WATCHED, "check"))


def answer_snapshot(write_heap: WriteHeap, asked: Mapping[str, Any]) -> Answer:
    """What was written, of the heap, to a `path` of the one who asks."""
    path = asked.get("path")
    if type(path) is not str or not os.path.isabs(path) or "\0" in path:
        raise DoorError(f"path: expected an absolute path, got {quoted(path)}")
    refuse_foreign(path)
    wanted = asked.get("keys", "masked"), asked.get("max_bytes")
    return {"snapshot": write_heap(path, *wanted)}


def refuse_foreign(path: str) -> None:
    """Refuse to replace a link, a device, or a file of another user.

    Raises:
        DoorError: one is there.
    """
    try:
        found = os.lstat(path)
    except OSError:
        return  # nothing, or what the writing of it tells
    if not stat.S_ISREG(found.st_mode) or found.st_uid != os.geteuid():
        raise DoorError(
            f"{shown_path(path)}: expected a file of this user or none, and there is something "
            "else; give another name"
        )


def answer_status(asked: Mapping[str, Any]) -> Answer:
    """What this process is, and what monitors it has."""
    return {
        "status": {
            "pid": getpid(),
            "python": sys.version.split()[0],
            "leakwatch": VERSION,
            "open for": round(monotonic() - _since, 1),
            "monitors": [it.status for it in running_monitors()],
        }
    }
