"""The processes of a program: those that it forks, and other Pythons that it starts.

A process that is forked takes all of this with it. It can be judged like the first, and says so in
a folder that all of them share; an interpreter that is started anew knows nothing of us and is
counted only. What runs another program, such as `ls`, is none of our business.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path
from types import FrameType, TracebackType
from typing import Any, Self

from leakwatch.cli.endings import Replaced
from leakwatch.cli.messages import warn
from leakwatch.cli.program import real_path
from leakwatch.guest.importing import held_signals
from leakwatch.heap.provenance import is_own_frame
from leakwatch.interpreter import monotonic, sleep
from leakwatch.report import Report
from leakwatch.reports import files, json_
from leakwatch.reports.wording import counted

LEDGER = "ledger"
BORN, GONE, STARTED, FAILED = b"+", b"-", b"s", b"f"
"""In the ledger: a child is there, becomes another program; a Python is started anew, is not."""
PATIENCE = 2.0
"""Seconds that the first process waits in the end for the reports of children that still live."""
LOOK = 0.02
SHEBANG = b"#!"
HELPERS = (b"from multiprocessing.resource_tracker import",)
"""What a Python runs that the standard library itself starts, and in which no work is done."""


class Family:
    """Counts the children of a program; use it in a `with` block around it.

    Args:
        enter: prepares a child to be judged, called in it as soon as it is there; None where
            children are counted only.
    """

    def __init__(self, enter: Callable[[], object] | None) -> None:
        self._enter = enter
        self._folder = ""
        self._root = self._judged = os.getpid()
        self._counts = False
        self._blind = ""
        self._warned = False
        self._replaced = Replaced()

    def __enter__(self) -> Self:
        listen(self)
        import _posixsubprocess

        for module, name in (
            (os, "execv"),
            (os, "execve"),
            (os, "posix_spawn"),
            (os, "posix_spawnp"),
            (_posixsubprocess, "fork_exec"),
            (subprocess, "_fork_exec"),
        ):
            watch = self._exec if name.startswith("exec") else self._start
            real = getattr(module, name, None)
            if real is not None:
                self._replaced.put(module, name, partial(watch, real))
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        listen(None)
        self._replaced.take_back()
        if self._folder and self.is_first():
            shutil.rmtree(self._folder, ignore_errors=True)

    def is_first(self) -> bool:
        """Whether this is the process that was started."""
        return os.getpid() == self._root

    def is_judged_here(self) -> bool:
        """Whether this process is to be judged: the first one, and its children if asked for."""
        return os.getpid() == self._judged

    def prepare(self) -> None:
        """Make the folder that the processes share, before the first of them is there."""
        if not (self._folder or self._blind):
            try:
                self._folder = tempfile.mkdtemp(prefix="leakwatch-")
            except OSError as error:
                self._blind = f"its children were not counted: {error.strerror}"

    def in_child(self, caller: FrameType) -> None:
        """Note in the ledger that a child is there, and prepare it to be judged; called in it.

        Args:
            caller: the frame that forked it.
        """
        # `subprocess` forks in Python's way where it has something to call before it runs another
        # program; our own forks are judgements.
        name = caller.f_globals.get("__name__")
        self._counts = not (is_own_frame(caller) or name == "subprocess")
        if self._counts and not self._blind:
            # A signal before that ends a child that has done nothing; it is not counted.
            with held_signals():
                if self._enter is not None:
                    self._enter()
                    self._judged = os.getpid()
                self._note(BORN)

    def _note(self, what: bytes) -> None:
        # By its name each time: a daemon closes whatever is open.
        path = os.path.join(self._folder, LEDGER)
        with suppress(OSError), open(path, "ab", buffering=0) as ledger:
            ledger.write(what)

    def _noted(self, what: bytes) -> int:
        try:
            return Path(self._folder, LEDGER).read_bytes().count(what) if self._folder else 0
        except OSError:
            return 0

    def forked(self) -> int:
        """How many Python processes were forked, by the first one and by its children."""
        return self._noted(BORN) - self._noted(GONE)

    def _exec(self, real: Callable[..., Any], *given: Any, **named: Any) -> Any:
        """`os.exec`, noting that a child becomes another program, which is not counted."""
        if self.is_first():
            if not self._warned:  # once: the path is tried folder by folder
                self._warned = True
                warn("the program replaces itself by another one (exec), so nothing will be judged")
            return real(*given, **named)
        python = starts_python(given)
        if self._counts:
            self._note(GONE + STARTED * python)
        try:
            return real(*given, **named)
        finally:
            # It returns only by an error.
            if self._counts:
                self._note(BORN + FAILED * python)

    def _start(self, real: Callable[..., Any], *given: Any, **named: Any) -> Any:
        """A function that starts a program, noting it if the program is a Python."""
        if starts_python(given):
            self.prepare()
            self._note(STARTED)
        return real(*given, **named)

    def add(self, report: Report) -> None:
        """Give the report of this child to the first process."""
        name = f"{os.getpid()}-{int(monotonic() * 1e9)}.json"
        files.write(os.path.join(self._folder, name), json_.render(report))

    def reports(self) -> list[Report]:
        """The reports of the children; waits a little for children that still live."""
        deadline = monotonic() + PATIENCE
        while len(self._written()) < self.forked() and has_children() and monotonic() < deadline:
            sleep(LOOK)
        return [json_.parse(files.read(file), file.name) for file in self._written()]

    def _written(self) -> list[Path]:
        return sorted(Path(self._folder).glob("*.json")) if self._folder else []

    def not_judged(self, judged: int = 0) -> Iterator[str]:
        """The reasons why the program is not judged as a whole.

        Args:
            judged: how many of the forked children are.
        """
        missing = self.forked() - judged
        if missing > 0:
            children = counted(missing, "forked child", "forked children")
            yield f"{children} {GONE_SILENTLY if self._enter else HOW}"
        anew = self._noted(STARTED) - self._noted(FAILED)
        if anew > 0:
            started = counted(anew, "Python process", "Python processes")
            yield f"{started} that it started anew, by spawn or as a command, cannot be judged"
        if self._blind:
            yield self._blind


HOW = "not judged; -o 'leaks-{pid}.json' makes a report of each too"
GONE_SILENTLY = "ended without a report, or still running"


_family: Family | None = None
_listening = False


def listen(family: Family | None) -> None:
    """Have a family note each fork from now on; hooks of `os.register_at_fork` stay for good."""
    global _family, _listening  # noqa: PLW0603 - one process, one family
    _family = family
    if not _listening and hasattr(os, "register_at_fork"):
        _listening = True
        os.register_at_fork(before=before_fork, after_in_child=in_child)


def is_forked_child() -> bool:
    """Whether this process was forked while a family listened, and has an end of its own."""
    return _family is not None and not _family.is_first()


def before_fork() -> None:
    """Prepare the family for a fork; called in the process that forks."""
    if _family is not None:
        _family.prepare()


def in_child() -> None:
    """Have the family note a fork; called in the process that was forked."""
    if _family is not None:
        _family.in_child(sys._getframe(1))


def starts_python(given: tuple[Any, ...]) -> bool:
    """Whether the arguments of a function that starts a program mean this Python.

    Args:
        given: the file and its arguments, or the arguments and the candidates for the file.
    """
    try:
        first, second = given[:2]
        one = isinstance(first, str | bytes | os.PathLike)
        words, candidates = (second, [first]) if one else (first, second)
        if any(os.fsencode(word).startswith(HELPERS) for word in words):
            return False
        return runs_python([os.fsencode(file) for file in candidates])
    except (TypeError, ValueError):
        # The function itself will say what is wrong with them.
        return False


def runs_python(candidates: list[bytes]) -> bool:
    """Whether the first of these files that exists is this Python, or a script for it."""
    file = next((it for it in map(os.fsdecode, candidates) if os.path.isfile(it)), "")
    if not file:
        return False
    interpreters = {real_path(sys.executable), real_path(sys._base_executable)}  # type: ignore[attr-defined]
    return real_path(file) in interpreters or real_path(interpreter_of(file)) in interpreters


def interpreter_of(file: str) -> str:
    """The interpreter that a script names in its first line; empty for other files."""
    try:
        with open(file, "rb") as script:
            line = script.readline(256)
    except OSError:
        return ""
    named = line.removeprefix(SHEBANG).split() if line.startswith(SHEBANG) else []
    return os.fsdecode(named[0]) if named else ""


def has_children() -> bool:
    """Whether this process has a child that lives, or that nobody has waited for."""
    try:
        os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
    except OSError:
        return False
    return True
