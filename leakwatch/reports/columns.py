"""Cells in columns below their heads, by the room that a terminal gives to each character."""

import unicodedata
from collections.abc import Container, Iterator, Sequence

WIDE = frozenset("WF")
"""East Asian widths of characters that take two columns: Unicode Standard Annex 11."""
NARROWEST = 12
"""Columns that the last cell of a row has at the least."""


def width_of(text: str) -> int:
    """How many columns a text takes."""
    if text.isascii():
        return len(text)
    return sum(map(columns_of, text))


def columns_of(character: str) -> int:
    """How many columns a character takes: none where it is set above the one before."""
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in WIDE else 1


def flush_left(text: str, width: int) -> str:
    """The text, filled up with spaces behind it."""
    return text + " " * (width - width_of(text))


def flush_right(text: str, width: int) -> str:
    """The text, filled up with spaces before it."""
    return " " * (width - width_of(text)) + text


def ending(text: str, width: int) -> str:
    """The text, without its beginning where it is too wide: the end of a path tells most."""
    if width_of(text) <= width:
        return text
    while width_of(text) > width - 2:
        text = text[1:]
    return f"..{text}"


def fitted(rows: Sequence[tuple[str, ...]], width: int) -> list[tuple[str, ...]]:
    """The rows, with the beginning of the last cell left out where a line would be too wide.

    Args:
        rows: the heads, then the cells of each row.
        width: columns of a line.
    """
    others = list(zip(*rows, strict=True))[:-1]
    left = width - sum(2 + max(map(width_of, column)) for column in others)
    return [(*cells, ending(last, max(left, NARROWEST))) for *cells, last in rows]


def columns(rows: Sequence[tuple[str, ...]], numbers: Container[str]) -> Iterator[str]:
    """Cells in columns below their heads; the last one is as long as it wants to be.

    Args:
        rows: the heads, then the cells of each row.
        numbers: the heads of what is set flush right.
    """
    widths = [max(map(width_of, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = zip(rows[0], row, widths, strict=True)
        yield "  ".join(
            (flush_right if head in numbers else flush_left)(said, width)
            for head, said, width in cells
        )
