"""What a terminal wants of a text: colour, lines that fit, a word while one waits.

A file or a pipe gets the text as it is. The environment is asked as most programs ask it:
NO_COLOR (no-color.org), FORCE_COLOR and TERM=dumb.
"""

import os
import re
import shutil
import textwrap
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import TextIO, TypeGuard

RESET = "\x1b[0m"
BOLD, DIM, RED, GREEN = "\x1b[1m", "\x1b[2m", "\x1b[1;31m", "\x1b[32m"
CLEAR_LINE = "\r\x1b[K"
NARROWEST = 40
"""Columns below which text is not wrapped: a word a line reads worse than the terminal's wrap."""

PROSE = re.compile(r"(?P<head> {3}(?:cut|why|next|made|reason) +|(?:memory|note|known|in use): )")
"""Lines of prose, which may be wrapped; those of a path stay whole, to be copied."""
PAINT = (
    (re.compile(r"^leakwatch: (?=\d|why ).*"), RED),
    (re.compile(r"^leakwatch: no leaks.*but the process grows.*"), RED),
    (re.compile(r"^leakwatch: no leaks.*"), GREEN),
    (re.compile(r"^\d+\. .*"), BOLD),
    (re.compile(r"<- suspect"), RED),
    (re.compile(r"^ {3}(?:cut|why|next|made|reason)(?= )"), BOLD),
    (re.compile(r"^(?:judged|note:|known:|in use:).*"), DIM),
)


def is_terminal(stream: TextIO | None) -> TypeGuard[TextIO]:
    """Whether a person looks at the stream."""
    try:
        return stream is not None and stream.isatty()
    except (AttributeError, ValueError):
        # The program has replaced or closed it.
        return False


def wants_colour(stream: TextIO, environ: Mapping[str, str] = os.environ) -> bool:
    """Whether to paint: NO_COLOR wins, then FORCE_COLOR, then what the stream is."""
    if environ.get("NO_COLOR"):
        return False
    if environ.get("FORCE_COLOR", "0") not in {"", "0"}:
        return True
    return is_terminal(stream) and environ.get("TERM") != "dumb"


def dressed(text: str, stream: TextIO, environ: Mapping[str, str] = os.environ) -> str:
    """A report as text, for this stream."""
    lines = text.split("\n")
    if is_terminal(stream):
        lines = [part for line in lines for part in wrapped(line, columns(environ))]
    if wants_colour(stream, environ):
        lines = [painted(line) for line in lines]
    return "\n".join(lines)


def columns(environ: Mapping[str, str]) -> int:
    """The width of the terminal; COLUMNS wins over what it says itself."""
    given = environ.get("COLUMNS", "")
    return int(given) if given.isdigit() else shutil.get_terminal_size().columns


def wrapped(line: str, width: int) -> list[str]:
    """A line of prose in parts that fit, indented below its first word."""
    head = PROSE.match(line)
    if head is None or len(line) <= width or width < NARROWEST:
        return [line]
    return textwrap.wrap(
        line,
        width,
        subsequent_indent=" " * len(head["head"]),
        break_long_words=False,
        break_on_hyphens=False,
    )


def painted(line: str) -> str:
    """A line with colours; the text of it is escaped already, so nothing else can recolour."""
    for place, colour in PAINT:
        line = place.sub(rf"{colour}\g<0>{RESET}", line)
    return line


@contextmanager
def working(
    said: str, stream: TextIO | None, environ: Mapping[str, str] = os.environ
) -> Iterator[None]:
    """Say what takes long while it takes, on a terminal only, and take it back then."""
    if not is_terminal(stream) or environ.get("TERM") == "dumb":
        yield
        return
    put(stream, f"leakwatch: {said} ...")
    try:
        yield
    finally:
        put(stream, CLEAR_LINE)


def put(stream: TextIO, text: str) -> None:
    """Write at once; a stream that is closed is left alone."""
    with suppress(OSError, ValueError):
        stream.write(text)
        stream.flush()
