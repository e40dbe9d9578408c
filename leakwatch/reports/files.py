"""Reading and writing report files: the only place that opens them.

A report is written beside its target and moved over it, so that a full disk or a killed
process leaves the old file or the new one, never half of one.
"""

import os
import stat
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from os import PathLike

from leakwatch.errors import ReportFileError, shown_path

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
    where = shown_path(path)
    try:
        with open(path, "rb") as file:
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
    where = shown_path(path)
    number = 0
    try:
        with open(path, "rb") as file:
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
    where = shown_path(path)
    try:
        # A link stays a link: the file it leads to is replaced.
        target = os.path.realpath(os.fspath(path))
        if is_special(target):
            with open(target, "wb") as file:
                file.writelines(content)
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


def replace(target: str, content: Iterable[bytes]) -> None:
    """Write a new file and move it to its place.

    It keeps the permissions and, where the system allows, the owner and group of the file that it
    replaces; a file where there was none gets what the umask leaves. Access control lists and
    other attributes are not carried over, and another hard link keeps the old content.
    """
    # A short name of our own: one made from the target's could be longer than is allowed.
    draft = os.path.join(os.path.dirname(target), f".leakwatch-{os.urandom(8).hex()}.tmp")
    try:
        with open(draft, "xb", opener=opener_like(target)) as file:
            file.writelines(content)
        os.replace(draft, target)
    except BaseException:
        with suppress(OSError):
            os.unlink(draft)
        raise


def opener_like(target: str) -> Callable[[str, int], int] | None:
    """Creates a file with the permissions and owner of another, before anything is in it.

    None where there is no other.
    """
    try:
        old = os.stat(target)
    except OSError:
        return None

    def opener(draft: str, flags: int) -> int:
        descriptor = os.open(draft, flags, 0o600)
        mode = stat.S_IMODE(old.st_mode) & 0o777
        try:
            os.fchown(descriptor, old.st_uid, old.st_gid)
        except OSError:
            # Not our file: its group's rights would be those of another group.
            mode &= ~stat.S_IRWXG
        with suppress(OSError):
            # Some file systems have no permissions.
            os.fchmod(descriptor, mode)
        return descriptor

    return opener


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
