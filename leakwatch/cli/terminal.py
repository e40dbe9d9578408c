"""What a terminal wants of a text: colour, lines that fit, a word while one waits.

A file or a pipe gets the text as it is. The environment is asked as most programs ask it:
NO_COLOR (no-color.org), FORCE_COLOR and TERM=dumb.
"""

import os
import re
import shutil
import textwrap
from collections.abc import Mapping
from contextlib import suppress
from types import TracebackType
from typing import Self, TextIO, TypeGuard

from leakwatch.cli.level import is_quiet
from leakwatch.interpreter import monotonic
from leakwatch.stages import Stage, listening

RESET = "\x1b[0m"
BOLD, DIM, RED, GREEN = "\x1b[1m", "\x1b[2m", "\x1b[1;31m", "\x1b[32m"
CLEAR_LINE = "\r\x1b[K"
BETWEEN = 0.3
"""Seconds that a word stands at the least: work that is quick shows none."""
NOTED = 2.0
"""Seconds from which on they are told."""
NARROWEST = 40
"""Columns below which text is not wrapped: a word a line reads worse than the terminal's wrap."""

FOOT = "(?:memory|note|known|in use|partial|not judged)"
"""What the lines at the end begin with."""
SAID = "(?:cut|why|next|made|added|with|reason)"
PROSE = re.compile(rf"(?P<head> {{3}}{SAID} +|{FOOT}: |judged |leakwatch: |\d+\. | {{3}}(?=LW\d))")
"""Lines of prose, which may be wrapped."""
REFERENCE = re.compile(r"( {5,})(\S.*?) +(-> .+?)(?: {2,}(.*))?")
"""Lines of a path: what a reference leads to and what is said of that may stand below it."""
PAINT = (
    (re.compile(r"^leakwatch: (?=\d|why ).*"), RED),
    (re.compile(r"^leakwatch: no leaks.*but the process grows.*"), RED),
    (re.compile(r"^leakwatch: no leaks.*"), GREEN),
    (re.compile(r"^\d+\. .*"), BOLD),
    (re.compile(r"<- suspect"), RED),
    (re.compile(rf"^ {{3}}{SAID}(?= )"), BOLD),
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
        # What is in the lines is escaped already, so nothing else can recolour them.
        for place, colour in PAINT:
            lines = [place.sub(rf"{colour}\g<0>{RESET}", line) for line in lines]
    return "\n".join(lines)


def columns(environ: Mapping[str, str]) -> int:
    """The width of the terminal; COLUMNS wins over what it says itself."""
    given = environ.get("COLUMNS", "")
    return int(given) if given.isdigit() else shutil.get_terminal_size().columns


def wrapped(line: str, width: int) -> list[str]:
    """A line in parts that fit: of prose, indented below its first word, or of a path."""
    if len(line) <= width or width < NARROWEST:
        return [line]
    if reference := REFERENCE.fullmatch(line):
        indent, name, arrival, remark = reference.groups()
        said = folded(remark, width, f"{indent}       ", f"{indent}       ") if remark else []
        return [indent + name, f"{indent}    {arrival}", *said]
    head = PROSE.match(line)
    return [line] if head is None else folded(line, width, "", " " * len(head["head"]))


def folded(text: str, width: int, first: str, others: str) -> list[str]:
    """Prose in lines that fit, with what the first begins with and the others."""
    return textwrap.wrap(
        text,
        width,
        initial_indent=first,
        subsequent_indent=others,
        break_long_words=False,
        break_on_hyphens=False,
    )


class working:  # noqa: N801 - used as `with working("..."):`
    """Shows what takes long as long as it takes: on a terminal only, and not to who wants no words.

    It shows each stage that is heard of, how many of its parts are done, and the seconds so far.
    A class: the generator of a `contextmanager` would be among the objects that are judged. And no
    thread: this is often the process that is judged (docs/decisions/progress-without-a-library.md).

    Args:
        said: what takes long; without it nothing is said until a stage is heard, or `tell`.
        stream: where to, or None.
        environ: the environment.
    """

    __slots__ = ("_began", "_columns", "_said", "_stages", "_stream", "_told")

    def __init__(
        self, said: str, stream: TextIO | None, environ: Mapping[str, str] = os.environ
    ) -> None:
        shown = is_terminal(stream) and environ.get("TERM") != "dumb" and not is_quiet()
        self._stream = stream if shown else None
        self._columns = columns(environ)
        self._said = said
        self._stages = listening(self._hear)
        self._began = self._told = monotonic()

    def announce(self, said: str) -> None:
        """Show a line that stays, before something that prints lines of its own."""
        if self._stream is not None:
            put(self._stream, f"leakwatch: {said}\n")

    def tell(self, said: str) -> None:
        """Show something else from now on, unless the last text is too new to have been read."""
        now = monotonic()
        if self._stream is not None and now - self._told >= BETWEEN:
            self._told = now
            seconds = f", {now - self._began:.0f} s" if now - self._began >= NOTED else ""
            # Only one line can be cleared again.
            line = f"leakwatch: {said}{seconds} ..."[: self._columns - 1]
            put(self._stream, f"{CLEAR_LINE}{line}")

    def _hear(self, stage: Stage, done: int) -> None:
        """Show a stage; the work of the program itself has the terminal for its own."""
        if stage is not Stage.WORK:
            self.tell(f"{stage.value}, {done:,} done" if done else stage.value)

    def __enter__(self) -> Self:
        if self._said and self._stream is not None:
            put(self._stream, f"leakwatch: {self._said} ...")
        self._stages.__enter__()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._stages.__exit__()
        if self._stream is not None:
            put(self._stream, CLEAR_LINE)


def put(stream: TextIO, text: str) -> None:
    """Write and flush; a stream that is closed is left alone."""
    with suppress(OSError, ValueError):
        stream.write(text)
        stream.flush()
