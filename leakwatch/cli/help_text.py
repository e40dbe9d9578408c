"""Help that fits into the terminal: prose is filled anew, and columns are folded below each other.

The texts are written for up to a hundred columns. A command to copy stays in one piece.
"""

import argparse
import re
import textwrap
from collections.abc import Iterable, Iterator

TWO_COLUMNS = re.compile(r"(?P<head> *\S.*?)(?P<gap> {2,})(?P<remark>\S.*)")
"""A line with a word or a command, and what it is for."""
LEAST = 24
"""Columns that are left for a remark behind what it is about; with fewer it goes below."""
BELOW = 6


class HelpText(argparse.RawDescriptionHelpFormatter):
    """Writes help as argparse does, but for what stands around the options."""

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        return "\n".join(indent + line for line in fitted(text, width))


def fitted(text: str, width: int) -> Iterator[str]:
    """The lines of a text, paragraph by paragraph; one that fits stays as it is."""
    for number, paragraph in enumerate(text.strip("\n").split("\n\n")):
        if number:
            yield ""
        lines = paragraph.split("\n")
        if max(map(len, lines)) <= width:
            yield from lines
        elif not any(line.startswith(" ") or TWO_COLUMNS.fullmatch(line) for line in lines):
            yield from filled(" ".join(lines), width)
        else:
            for line in joined(lines):
                yield from folded(line, width)


def joined(lines: Iterable[str]) -> list[str]:
    """The lines, those that go on below a remark put behind it."""
    whole: list[str] = []
    column = -1
    for line in lines:
        if whole and len(line) - len(line.lstrip()) == column:
            whole[-1] += f" {line.lstrip()}"
            continue
        columns = TWO_COLUMNS.fullmatch(line)
        column = -1 if columns is None else columns.start("remark")
        whole.append(line)
    return whole


def folded(line: str, width: int) -> Iterator[str]:
    """A line of a list or of a table in parts that fit, as far as that is possible."""
    columns = TWO_COLUMNS.fullmatch(line)
    if len(line) <= width or (columns is None and line.startswith(" ")):
        yield line
    elif columns is None:
        yield from filled(line, width)
    else:
        head = columns["head"] + columns["gap"]
        if width - len(head) < LEAST:
            yield columns["head"]
            head = " " * BELOW
        yield from filled(columns["remark"], width, head)


def filled(text: str, width: int, head: str = "") -> list[str]:
    """Prose in lines that fit, behind what the first begins with; names are not broken up."""
    return textwrap.wrap(
        text,
        width,
        initial_indent=head,
        subsequent_indent=" " * len(head),
        break_long_words=False,
        break_on_hyphens=False,
    )
