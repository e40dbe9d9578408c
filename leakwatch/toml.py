"""Reading the TOML that people write; whatever is wrong with it is told as theirs to correct.

`tomllib` bounds nothing: a deep value ends in RecursionError, a number of many digits in
ValueError, and a key of 50,000 parts takes 3 GB.
"""

import re
import sys
from typing import Any, TypeGuard

from leakwatch.errors import shortened

LARGEST = 4 * 1024 * 1024
"""Characters of the largest file; a baseline of ten thousand entries has half of it."""
MOST_PARTS = 50
PART = r"""(?:[\w-]+|"[^"\n]*"|'[^'\n]*')"""
PARTS = rf"[ \t]*{PART}(?:[ \t]*\.[ \t]*{PART}){{{MOST_PARTS},}}"
LONG_KEY = re.compile(rf"^[ \t[]*{PARTS}", re.MULTILINE)
LONG_INNER_KEY = re.compile(rf"[{{,]{PARTS}[ \t]*=")
LONG_NUMBER = re.compile(r"(?<![\d_])\d[\d_]{4300,}")


class BadTomlError(Exception):
    """Why a text or a file is not understood, as part of a message: `not TOML: ...`."""


def load(path: Any) -> dict[str, Any]:
    """The document in a file.

    Raises:
        OSError: the file cannot be opened or read.
        BadTomlError: it is no TOML, or beyond what anybody writes.
    """
    try:
        with open(path, "rb") as file:
            content = file.read(LARGEST + 1)
    except ValueError as error:
        # A null byte in the name.
        raise BadTomlError(str(error)) from None
    try:
        # Some editors put a byte order mark in front.
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise BadTomlError(f"line {line}: byte {error.start} is not UTF-8") from None
    return parse(text.replace("\r\n", "\n"))


def parse(text: str) -> dict[str, Any]:
    """The document that a text is.

    Raises:
        BadTomlError: it is none, or beyond what anybody writes.
    """
    # 6 ms that are spent only where there is a file.
    import tomllib

    check_limits(text)
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        said, _, place = str(error).rpartition(" (at ")
        place = place.replace("end of document", f"line {line_at(text, len(text))}, the end")
        raise BadTomlError(f"not TOML: {shortened(said)} (at {place}") from None
    except RecursionError:
        raise BadTomlError("nested too deep: expected tables and lists of a few levels") from None
    except ValueError as error:
        # A number that Python does not convert: it has more than 4,300 digits.
        found = LONG_NUMBER.search(text)
        place = f"line {line_at(text, found.start())}" if found else "not understood"
        raise BadTomlError(f"{place}: {shortened(str(error))}") from None
    except MemoryError:
        raise BadTomlError("more than fits into memory: is this the right file?") from None


def check_limits(text: str) -> None:
    """Refuse what takes time or memory out of proportion, before anything is made of it."""
    if len(text) > LARGEST:
        raise BadTomlError(f"larger than {LARGEST // 1024**2} MiB: is this the right file?")
    for pattern in (LONG_KEY, LONG_INNER_KEY):
        if found := pattern.search(text):
            line = line_at(text, found.start())
            raise BadTomlError(f"line {line}: a key of more than {MOST_PARTS} parts")


def line_at(text: str, position: int) -> int:
    """The number of the line in which a character stands."""
    return text.count("\n", 0, position) + 1


def is_count(value: object) -> TypeGuard[int]:
    """Whether an entry is a whole number above 0, no larger than a size can be."""
    return type(value) is int and 0 < value <= sys.maxsize


def is_positive(value: object) -> TypeGuard[float]:
    """Whether an entry is a finite number above 0: some whole numbers are beyond any float."""
    return type(value) in (int, float) and 0 < value <= sys.float_info.max  # type: ignore[operator]
