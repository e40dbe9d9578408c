"""Reports appended to a file that stays small, a line each, to read later.

A process that is killed leaves at most one line torn. Nothing here waits for another process: one
that was stopped must not stop the service beside it.
"""

import os
import stat
from contextlib import suppress
from dataclasses import dataclass
from itertools import takewhile
from os import PathLike

from leakwatch import Report
from leakwatch.errors import ConfigurationError

try:
    import fcntl
except ImportError:  # Windows: an open file cannot be renamed there, so it is not shared either
    fcntl = None  # type: ignore[assignment]

MODE = 0o600
"""Of a new file: paths name parts of the program that are nobody else's business."""
FLAGS = os.O_WRONLY | os.O_APPEND | os.O_CREAT | getattr(os, "O_CLOEXEC", 0)
MAX_BYTES = 64 * 1024 * 1024
KEEP = 3
MOST_WRITTEN = 1_000
"""Leaks that are remembered as written in full: beyond it each is so once more."""


@dataclass(frozen=True, slots=True)
class State:
    """A file as it was met last; one value, which threads replace and never find half changed.

    Attributes:
        file: device and number of it.
        size: bytes it had.
        written: place and signature of the leaks that this process has written in full.
    """

    file: tuple[int, int]
    size: int
    written: set[tuple[str, str]]


class ReportFile:
    """Appends reports to a file, one in each line, for `leakwatch report FILE.jsonl`.

    Many processes may share one file: a line is one write at its end, and only who has the lock
    of the full file renames it, while others go on writing to it. A leak that this process has
    written in full in the file is a short line with its figures. Each file can be read without the
    others.

    Args:
        path: of the file, ending in `.jsonl`; `{pid}` in it is the number of the process.
        clean: whether reports without leaks are worth a line too.
        max_bytes: size at which the file becomes `FILE.1.jsonl`; None is no limit.
        keep: how many such old files there are at most.
    """

    def __init__(
        self, path: str | PathLike[str], *, clean: bool, max_bytes: int | None, keep: int
    ) -> None:
        self._path = os.fspath(path)
        self._clean = clean
        self._max_bytes = max_bytes
        self._keep = keep
        self._state = State((0, 0), 0, set())

    def append(self, report: Report) -> None:
        """Append the report, if it is worth a line.

        Raises:
            OSError: the file cannot be written, or is full and cannot be renamed.
        """
        if report.kind == "why" or (report.ok and not self._clean):
            return
        from leakwatch.extending import leaks_in, stream_line

        path = os.path.realpath(self._path.replace("{pid}", str(os.getpid())))
        file = self._opened(path)
        try:
            known = self._written_in(file)
            write_whole(file, stream_line(report, known).encode("ascii"))
            if len(known) > MOST_WRITTEN:
                known.clear()
            # When it is written, not before: two threads write it twice in full, at worst.
            known.update(leaks_in(report))
            now = os.fstat(file)
            self._state = State((now.st_dev, now.st_ino), now.st_size, known)
        finally:
            os.close(file)

    def _opened(self, path: str) -> int:
        """The file, a new one where the old one was full."""
        file = os.open(path, FLAGS, MODE)
        try:
            if self._max_bytes is None or not is_full(file, self._max_bytes):
                return file
            mode = stat.S_IMODE(os.fstat(file).st_mode)
            if not rotated(path, file, self._keep):
                return file
        except BaseException:
            os.close(file)
            raise
        os.close(file)
        file = os.open(path, FLAGS, mode)
        with suppress(OSError):
            # Past the umask: who shares the full file writes the new one too.
            os.fchmod(file, mode)
        return file

    def _written_in(self, file: int) -> set[tuple[str, str]]:
        """The leaks that this process has written in full in just this file."""
        now, before = os.fstat(file), self._state
        # Smaller than it was: somebody cut it, or a new file has the number of a removed one.
        same = (now.st_dev, now.st_ino) == before.file and now.st_size >= before.size
        return before.written if same and stat.S_ISREG(now.st_mode) else set()


def is_full(file: int, max_bytes: int) -> bool:
    """Whether a file has its size; a device or a pipe never has."""
    now = os.fstat(file)
    return stat.S_ISREG(now.st_mode) and now.st_size >= max_bytes


def rotated(path: str, file: int, keep: int) -> bool:
    """Rename a full file and those before it.

    Args:
        path: of the full file.
        file: the same, open.
        keep: how many old files stay.

    Returns:
        whether a new file is to be begun; False while another process renames this one.

    Raises:
        OSError: it cannot be renamed.
    """
    if fcntl is not None:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
    # Another process may have renamed it between our opening and our lock. While the lock is
    # ours nobody else renames: a new file stands at the path only after the last step.
    if not is_at(path, file):
        return True
    there = takewhile(lambda number: os.path.exists(old_name(path, number)), range(1, keep))
    for number in reversed(list(there)):
        os.replace(old_name(path, number), old_name(path, number + 1))
    if keep:
        os.replace(path, old_name(path, 1))
    else:
        os.unlink(path)
    return True


def is_at(path: str, file: int) -> bool:
    """Whether an open file is the one that a path leads to."""
    try:
        return os.path.samestat(os.stat(path), os.fstat(file))
    except FileNotFoundError:
        return False


def old_name(path: str, number: int) -> str:
    """`leaks.1.jsonl`: the suffix stays the last, by which a file is known as a stream."""
    stem, suffix = os.path.splitext(path)
    return f"{stem}.{number}{suffix}"


in_use: list[ReportFile] = []
"""What reports are appended to: a file, if that was asked for."""


def append_reports(
    path: str | PathLike[str] | None,
    *,
    clean: bool = False,
    max_bytes: int | None = MAX_BYTES,
    keep: int = KEEP,
) -> None:
    """Append every report with leaks to a file from now on.

    A leak is written in full once in a file, and by a short line with its figures from then on.
    Where the file cannot be written, or is full and cannot be renamed, the report is lost, the
    program goes on, and the fault is reported once, as that of any plugin.

    Args:
        path: of the file, ending in `.jsonl`; `{pid}` in it is the number of the process. None
            ends it.
        clean: append reports without leaks too.
        max_bytes: size at which the file becomes `FILE.1.jsonl` and a new one is begun, which
            may be exceeded by a report; None is no limit.
        keep: how many old files stay; the oldest is removed for the next one.

    Raises:
        ConfigurationError: `max_bytes` or `keep` is no such number.
    """
    if max_bytes is not None:
        check_number("max_bytes", max_bytes, 1)
    check_number("keep", keep, 0)
    made = (
        ReportFile(path, clean=clean, max_bytes=max_bytes, keep=keep) if path is not None else None
    )
    in_use[:] = [made] if made else []


def check_number(name: str, value: int, least: int) -> None:
    """Refuse what is no number of bytes or files."""
    if type(value) is not int or value < least:
        raise ConfigurationError(
            f"{name}: expected a whole number, {least} or more, got {str(value)[:40]!r}"
        )


def write_whole(file: int, line: bytes) -> None:
    """Write all of it; a disk that is nearly full takes a part."""
    written = os.write(file, line)
    while written < len(line):
        written += os.write(file, line[written:])
