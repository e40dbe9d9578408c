"""Parts of messages: what somebody gave, and what was probably meant."""

from collections.abc import Mapping
from difflib import get_close_matches
from os import PathLike, fspath

LONGEST = 80
"""Characters of what is quoted from an input, whatever was given."""
LONGEST_PLACE = 255
"""Characters of a path: a deep tree is a reason for a long one, which is opened as it stands."""


def shortened(text: str, longest: int = LONGEST) -> str:
    """A text without its middle where it is long: both ends help to find it."""
    if len(text) <= longest:
        return text
    half = (longest - 1) // 2
    return f"{text[:half]}…{text[-half:]}"


def shown_path(path: str | PathLike[str]) -> str:
    """The name of a file or folder for a message."""
    return shortened(fspath(path), LONGEST_PLACE)


def quoted(value: object) -> str:
    """A value that was read from an input, as Python would write it and not long.

    For strings, numbers, dates, lists and dicts of these; `repr` of others may run any code.
    """
    if type(value) is str:
        return repr(shortened(value, LONGEST - 2))
    try:
        return shortened(repr(value))
    except (ValueError, RecursionError, MemoryError):
        # A number of more than 4,300 digits, which TOML takes in hexadecimal, or a deep list.
        return "a huge number" if type(value) is int else f"a huge {type(value).__name__}"


def did_you_mean(name: str, known: Mapping[str, object] | set[str]) -> str:
    """The closest known name, or all of them."""
    close = get_close_matches(name.replace("-", "_"), known, n=1)
    if close:
        return f"; did you mean {close[0]!r}?"
    return f"; expected one of {', '.join(sorted(known))}"
