"""Reading and writing report files: the only place that opens them.

A report is written beside its target and moved over it, so that a full disk or a killed
process leaves the old file or the new one, never half of one.
"""

import os
import secrets
import stat
from collections.abc import Iterable, Iterator
from contextlib import suppress
from os import PathLike

from leakwatch.errors import ReportFileError

LARGEST = 32 * 1024 * 1024
"""Bytes of the largest report that is read; one of a thousand leaks has about two million.

As text they take four times as much where a single character lies beyond U+FFFF.
"""

Path = str | PathLike[str]


class UnwritableError(ReportFileError):
    """The file cannot be written."""


def read(path: Path, what: str = "the report") -> str:
    """The text of a report file, or of another one.

    Args:
        path: of the file.
        what: the file is, for messages.

    Raises:
        ReportFileError: the file cannot be read, is too large or is no text.
    """
    where = os.fspath(path)
    try:
        with open(where, "rb") as file:
            content = file.read(LARGEST + 1)
    except (OSError, ValueError) as error:
        raise ReportFileError(f"{where}: cannot read {what}: {cause(error)}") from None
    check_size(content, where, what)
    return decoded(content, where, what)


def lines(path: Path, what: str = "a stream of reports") -> Iterator[tuple[int, str, bool]]:
    """The lines of a file, without reading more than one of them at a time.

    Args:
        path: of the file.
        what: the file is, for messages.

    Yields:
        number, counted from 1, the text, and whether the line has its end.

    Raises:
        ReportFileError: the file cannot be read, or a line is too large or no text.
    """
    where = os.fspath(path)
    number = 0
    try:
        with open(where, "rb") as file:
            while content := file.readline(LARGEST + 1):
                number += 1
                check_size(content, f"{where}: line {number}", what)
                yield (
                    number,
                    decoded(content, f"{where}: line {number}", what),
                    content[-1:] == b"\n",
                )
    except (OSError, ValueError) as error:
        raise ReportFileError(f"{where}: cannot read {what}: {cause(error)}") from None


def check_size(content: bytes, where: str, what: str) -> None:
    """Refuse what is larger than any report."""
    if len(content) > LARGEST:
        raise ReportFileError(
            f"{where}: larger than {LARGEST // 1024**2} MiB, expected {what}: "
            "is this the right file?"
        )


def decoded(content: bytes, where: str, what: str) -> str:
    """Bytes as text; some editors put a byte order mark in front."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ReportFileError(
            f"{where}: byte {error.start} is not UTF-8, expected {what}: is this the right file?"
        ) from None


def write(path: Path, text: str, what: str = "the report") -> None:
    """Write a report file, in UTF-8, with line feeds at the end of lines on every system.

    Args:
        path: of the file.
        text: of the whole file.
        what: the file is, for messages.

    Raises:
        UnwritableError: the file cannot be written.
    """
    write_parts(path, [text], what)


def write_parts(path: Path, parts: Iterable[str], what: str = "the report") -> None:
    """Write a report file part by part, so that it may be larger than memory.

    Args:
        path: of the file.
        parts: of its text; if they raise, the file stays as it was.
        what: the file is, for messages.

    Raises:
        UnwritableError: the file cannot be written.
    """
    # What UTF-8 cannot encode (half a surrogate pair in a name) is escaped.
    content = (part.encode("utf-8", "backslashreplace") for part in parts)
    where = os.fspath(path)
    try:
        # A link stays a link: the file it leads to is replaced.
        target = os.path.realpath(where)
        if is_special(target):
            write_through(target, content)
        else:
            replace(target, content)
    except ReportFileError:
        # Of a part: one that was to be read from another file.
        raise
    except (OSError, ValueError) as error:
        raise UnwritableError(f"{where}: cannot write {what}: {cause(error)}") from None


def is_special(target: str) -> bool:
    """Whether the target is a device or a pipe, which must not be replaced by a file."""
    try:
        mode = os.stat(target).st_mode
    except OSError:
        return False
    return not stat.S_ISREG(mode) and not stat.S_ISDIR(mode)


def write_through(target: str, content: Iterable[bytes]) -> None:
    """Write to a device or a pipe."""
    with open(target, "wb") as file:
        file.writelines(content)


def replace(target: str, content: Iterable[bytes]) -> None:
    """Write a new file and move it to its place."""
    # A short name of our own: one made from the target's could be longer than is allowed.
    draft = os.path.join(os.path.dirname(target), f".leakwatch-{secrets.token_hex(8)}.tmp")
    try:
        with open(draft, "xb") as file:
            file.writelines(content)
        os.replace(draft, target)
    except BaseException:
        with suppress(OSError):
            os.unlink(draft)
        raise


def cause(error: OSError | ValueError) -> str:
    """Why the system refused, and what to do."""
    if isinstance(error, FileNotFoundError):
        return "no such file or folder; check the path"
    if isinstance(error, IsADirectoryError):
        return "it is a folder; give the name of a file"
    if isinstance(error, PermissionError):
        return "permission denied; choose another place or change the permissions"
    said = error.strerror if isinstance(error, OSError) else str(error)
    return f"{said}; choose another place"
