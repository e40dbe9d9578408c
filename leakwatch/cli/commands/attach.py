"""`leakwatch attach`: what a process that runs can say of itself."""

import argparse
import json
import os
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from threading import Thread
from typing import Any

from leakwatch.cli.heap_options import add_heap_options, contents_of
from leakwatch.cli.messages import CLEAN, FAULT, INTERRUPTED, complain, say
from leakwatch.cli.output import (
    PID,
    STDOUT,
    add_output,
    answer,
    check_folder,
    deliver,
    format_for,
)
from leakwatch.cli.terminal import working
from leakwatch.command import Subcommand
from leakwatch.compare.combine import Whole
from leakwatch.errors import ConfigurationError, DoorError, shown_path
from leakwatch.monitoring.asking import ask
from leakwatch.monitoring.processes import family_of, is_python
from leakwatch.report import Report
from leakwatch.reports.json_ import parse
from leakwatch.reports.wording import counted, printable, size
from leakwatch.stages import Stage, advances, begins

VERBS = ("growing", "why", "check", "snapshot", "status")
SECONDS = 5.0
SPARE = 100.0
"""Seconds for an answer beside those of the looks: the walk of a huge heap has its own limit."""
SECONDS_TO_WRITE = 700.0
"""Time for a heap to be written, which has a limit of ten minutes itself."""
HEAPS = f"heap-{PID}.lwheap"
"""Where heaps are written, if nobody says: in the folder of the one who asks."""
MOST_AT_ONCE = 8
TICK = 0.1
"""Seconds between two looks at who has answered."""
CUT_SHORT = "interrupted before all had answered"
EPILOG = """\
growing   what becomes more while the process goes on, and what holds it
why TYPE  what holds the objects of a type: `module.Class` or `Class`
check     which of the objects given to `leakwatch.watch` should be gone
snapshot  write its heap to a file, to be asked by `leakwatch snapshot`
status    what it runs on, and its monitors

The process must have a door: it called `leakwatch.monitor()`, it has LEAKWATCH_DOOR=1 in its
environment and imports leakwatch, or it was started by `leakwatch run --door`. Into one on CPython
3.14 or later leakwatch can be brought, with the same minor version here; `leakwatch doctor PID`
says whether. Only its own user may ask. It stops for a fork; a child of it finds the answer.

examples:
  leakwatch attach 4711 growing
  leakwatch attach 4711 growing --seconds 60 --children -o leaks.html
  leakwatch attach 4711 why shop.models.Cart
  leakwatch attach 4711 snapshot -o heap.lwheap
  leakwatch attach 4711 snapshot --children -o 'heap-{pid}.lwheap'

exit codes: 0 clean, 1 leaks, 2 usage, 3 no way in, or not judged, or not all of the processes.
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """See `leakwatch.command.Subcommand`."""
    parser.description = "Ask a process that runs what it leaks."
    parser.epilog = EPILOG
    parser.add_argument("pid", metavar="PID", type=int, help="the number of the process")
    parser.add_argument("verb", choices=VERBS, help="what is asked, see below")
    parser.add_argument("type", metavar="TYPE", nargs="?", help="the type, for `why`")
    parser.add_argument(
        "--children",
        action="store_true",
        help="ask each process below it too, and tell what all of them say together",
    )
    parser.add_argument(
        "--seconds",
        type=float,
        default=SECONDS,
        help="how long to look for what grows (%(default)g)",
    )
    add_heap_options(parser)
    add_output(parser)


def run_command(arguments: argparse.Namespace) -> int:
    """See `leakwatch.command.Subcommand`."""
    check(arguments)
    if arguments.verb == "snapshot":
        return write_heaps(arguments)
    chosen = format_for(arguments.config, arguments.output)
    question = question_of(arguments)
    answers, refused, interrupted = asked(arguments, lambda _: question, SPARE + arguments.seconds)
    if not answers and not interrupted:
        complain("; ".join(refused))
        return FAULT
    if arguments.verb == "status":
        return tell_status(arguments, answers, refused, interrupted=interrupted)
    whole = combined(arguments, reports_in(answers.values()), refused)
    if interrupted:
        whole = replace(whole, partial=CUT_SHORT)
    code = deliver([whole], chosen, arguments.output)
    return INTERRUPTED if interrupted else code


def tell_status(
    arguments: argparse.Namespace,
    answers: Mapping[int, dict[str, Any]],
    refused: list[str],
    *,
    interrupted: bool,
) -> int:
    """Print what processes run on, and give the exit code."""
    found = [it["status"] for it in answers.values()]
    code = CLEAN
    if found:
        shown = found if arguments.children else found[0]
        code = answer(json.dumps(shown, indent=2) + "\n")
    if interrupted:
        say(f"leakwatch: partial: {CUT_SHORT}")
        return INTERRUPTED
    return code or (FAULT if refused else CLEAN)


def check(arguments: argparse.Namespace) -> None:
    """Refuse what makes no sense.

    Raises:
        ConfigurationError: `why` has no type, or another verb has one; or a number makes no sense.
    """
    if (arguments.verb == "why") != (arguments.type is not None):
        raise ConfigurationError("attach: a TYPE belongs to `why`, and to nothing else")
    if arguments.pid <= 0 or not 0 < arguments.seconds <= 600:
        raise ConfigurationError("attach: expected a PID above 0, and 0 < --seconds <= 600")


def question_of(arguments: argparse.Namespace) -> dict[str, Any]:
    """What is sent to each process."""
    question = {"verb": arguments.verb, "seconds": arguments.seconds, "type": arguments.type}
    return {name: value for name, value in question.items() if value is not None}


# -- processes --------------------------------------------------------------------------------

Question = Callable[[int], Mapping[str, Any]]
"""What a process is asked, given its number."""
Answer = dict[str, Any] | str
"""What a process answered, or why it did not."""
Told = dict[int, Answer]
Answers = tuple[dict[int, dict[str, Any]], list[str], bool]
"""What was answered, by process, why the others did not, and whether Ctrl-C ended the waiting."""


def asked(arguments: argparse.Namespace, question: Question, wait: float) -> Answers:
    """The answers of the process, and of those below it if that is wanted, all asked at once.

    What of those runs no Python and has no door has nothing to say.
    """
    pid: int = arguments.pid
    family = list(family_of(pid)) if arguments.children else [pid]
    told, interrupted = asked_at_once(family, lambda it: asked_of_one(it, question(it), wait))
    answers = {it: found for it, found in told.items() if type(found) is dict}
    refused = [
        found for it, found in told.items() if type(found) is str and (it == pid or is_python(it))
    ]
    refused += [f"process {it} had not answered yet" for it in family if it not in told]
    return answers, refused, interrupted


def asked_at_once(family: Sequence[int], ask_one: Callable[[int], Answer]) -> tuple[Told, bool]:
    """What each process answers, in their order, and whether Ctrl-C ended the waiting.

    What has not answered by then is missing. Its thread still waits for it, and is a daemon: this
    process does not.
    """
    waiting, told = deque(family), dict[int, Answer]()

    def work() -> None:
        with suppress(IndexError):
            while True:
                pid = waiting.popleft()
                told[pid] = ask_one(pid)

    threads = [Thread(target=work, daemon=True) for _ in range(min(MOST_AT_ONCE, len(family)))]
    begins(Stage.WAIT)
    interrupted = False
    try:
        for thread in threads:
            thread.start()
        with working("", sys.__stderr__):
            while alive := [thread for thread in threads if thread.is_alive()]:
                alive[0].join(TICK)
                advances(Stage.WAIT, len(told))
    except KeyboardInterrupt:
        interrupted = True
    return {it: told[it] for it in family if it in told}, interrupted


def asked_of_one(pid: int, question: Mapping[str, Any], wait: float) -> Answer:
    """The answer of one process, or why there is none."""
    try:
        return ask(pid, question, wait)
    except DoorError as error:
        return str(error)


# -- heaps ------------------------------------------------------------------------------------


def write_heaps(arguments: argparse.Namespace) -> int:
    """Have each process write its heap, and say what was written."""
    place = place_of_heaps(arguments.output or HEAPS, several=arguments.children)
    contents = contents_of(arguments)

    def question(pid: int) -> dict[str, Any]:
        path = place.replace(PID, str(pid))
        wanted = {"keys": contents.keys, "max_bytes": contents.max_bytes}
        return {"verb": "snapshot", "path": path, **wanted}

    answers, refused, interrupted = asked(arguments, question, SECONDS_TO_WRITE)
    written = [heap_of(pid, question(pid)["path"], found) for pid, found in answers.items()]
    code = answer("".join(f"{printable(line)}\n" for line, _ in written))
    gaps = [*refused, *(gap for _, gap in written if gap)]
    for gap in gaps:
        complain(gap)
    if interrupted:
        say(f"leakwatch: partial: {CUT_SHORT}")
        return INTERRUPTED
    return FAULT if gaps else code


def place_of_heaps(output: str, *, several: bool) -> str:
    """The whole path of the files, as it is from wherever the process has its folder.

    Where there are several, the number of each process stands in the name of its file.

    Raises:
        ConfigurationError: it is no name of a file.
        ReportFileError: its folder does not exist.
    """
    if output == STDOUT:
        raise ConfigurationError("attach snapshot: a heap needs a file; give its name with -o FILE")
    if several and PID not in output:
        name, suffix = os.path.splitext(output)
        output = f"{name}-{PID}{suffix}"
    check_folder(output)
    folder, name = os.path.split(os.path.abspath(output))
    # A link on the way is followed as it is now, before anybody else can turn it.
    return os.path.join(os.path.realpath(folder), name)


def heap_of(pid: int, path: str, found: Mapping[str, Any]) -> tuple[str, str]:
    """What is said of a heap that was written, and what is wrong with it or nothing."""
    info = found.get("snapshot")
    figures = info if type(info) is dict else {}
    objects, written, paused = (figures.get(it) for it in ("objects", "bytes", "paused"))
    if type(objects) is not int or type(written) is not int or type(paused) is not float:
        return "", f"process {pid} gave no answer about its heap"
    line = (
        f"{path}: {counted(objects, 'object')}, {size(written)}; "
        f"process {pid} stood still for {1000 * paused:.0f} ms"
    )
    if not os.path.exists(path):
        return line, f"{shown_path(path)}: process {pid} sees other files; look in /proc/{pid}/root"
    partial = figures.get("partial")
    return line, f"{shown_path(path)}: not the whole heap: {partial}" if partial else ""


# -- reports ----------------------------------------------------------------------------------


def reports_in(answers: Iterable[dict[str, Any]]) -> Iterator[Report]:
    """The reports that processes have sent; they are checked as those of files are."""
    for found in answers:
        yield parse(json.dumps(found.get("report")), "the answer")


def unanswered(arguments: argparse.Namespace) -> Report:
    """The report of which nothing is known yet."""
    return Report(arguments.type or f"process {arguments.pid}", arguments.verb)


def combined(
    arguments: argparse.Namespace, reports: Iterator[Report], refused: list[str]
) -> Report:
    """All reports as one, which says who did not answer."""
    found = list(reports) or [unanswered(arguments)]
    report = found[0]
    if len(found) > 1:
        whole = Whole("process", "processes")
        for each in found:
            whole.add(each)
        report = whole.report()
    gaps = [report.not_judged, *refused] if refused else [report.not_judged]
    return replace(report, not_judged="; ".join(filter(None, gaps)) or None)


COMMAND = Subcommand("attach", "ask a process that runs what it leaks", add_arguments, run_command)
