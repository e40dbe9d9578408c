"""A file that appears when it is whole: of one that was not finished, nothing stays."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import BinaryIO

DESCRIPTORS = "/proc/self/fd"
"""Where Linux shows a process its open files: what has no name yet gets one from there."""


@contextmanager
def whole_file(target: str, draft: str) -> Iterator[BinaryIO]:
    """A new file to be written, for its owner only; at the end of the block it takes its place.

    Where the system can, it has no name until then: whoever writes it may be killed, and the
    process that waits for it too, and the system takes back what was written. Elsewhere it is the
    draft, which the block removes if it fails.

    Args:
        target: what it replaces, or where it is to be.
        draft: the name that it has for a moment, in the same folder.

    Raises:
        OSError: it cannot be made, written or moved; what was at the target is still there.
    """
    descriptor = unnamed(os.path.dirname(target))
    is_named = descriptor is None
    if descriptor is None:
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with held_off(), open(descriptor, "wb") as file:
            yield file
            file.flush()
            if not is_named:
                give_name(descriptor, draft)
            os.replace(draft, target)
    except BaseException:
        with suppress(OSError):
            os.unlink(draft)
        raise


@contextmanager
def held_off() -> Iterator[None]:
    """Let the file be finished, even if nobody waits for the child that writes it any more.

    The signal that ends such a child comes after the block.
    """
    number = getattr(signal, "SIGIO", None)
    if number is None:
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {number})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def unnamed(folder: str) -> int | None:
    """A new file without a name, where the system and the file system have such; else None."""
    flag = getattr(os, "O_TMPFILE", None)
    if flag is None or not os.path.isdir(DESCRIPTORS):
        return None
    try:
        return os.open(folder, os.O_WRONLY | flag, 0o600)
    except OSError:  # of a kind that has none; or the reason that a named one meets as well
        return None


def give_name(descriptor: int, path: str) -> None:
    """Give an open file without a name one."""
    # A folder must be given, needed or not: else it is the link in there that gets the name.
    os.link(f"{DESCRIPTORS}/{descriptor}", path, src_dir_fd=descriptor, follow_symlinks=True)
