"""Parts of long lists."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

Row = TypeVar("Row")
ROWS = 50
"""On one page, which a server makes at once and a person can look through."""
LONGEST_NUMBER = 12
FURTHEST = 100_000
"""Rows that are passed over at the most: some are found one by one."""


class BadQuestion(Exception):
    """A part of an address that says nothing; the message says what was expected."""


class NotThere(Exception):
    """An address that leads to nothing; the message says to what."""


@dataclass(frozen=True, slots=True)
class Part:
    """Some rows of a list.

    Attributes:
        rows: values.
        first: how many stand before them.
        before: where the part before begins, or None.
        after: where the next one begins, or None.
    """

    rows: Sequence[Any]
    first: int
    before: int | None
    after: int | None


def number_in(text: str | None) -> int:
    """A number of an address; 0 where there is none.

    Raises:
        BadQuestion: it is no number.
    """
    if not text:
        return 0
    if not (text.isascii() and text.isdigit() and len(text) <= LONGEST_NUMBER):
        raise BadQuestion("expected a whole number")
    return int(text)


def chosen(rows: Sequence[Row], number: int, what: str) -> Row:
    """A row by its number.

    Raises:
        NotThere: there are not so many.
    """
    if not 0 <= number < len(rows):
        raise NotThere(f"there are {len(rows):,} {what}, and no number {number:,}")
    return rows[number]


def part(first: int, rows_from: Callable[[int, int], Sequence[Any]]) -> Part:
    """The part of a list that begins somewhere; no further than 100,000 rows.

    Args:
        first: how many rows to pass over.
        rows_from: gives rows: how many to pass over, how many at the most.
    """
    first = min(first, FURTHEST)
    rows = rows_from(first, ROWS + 1)
    before = max(0, first - ROWS) if first else None
    has_more = len(rows) > ROWS and first < FURTHEST
    return Part(rows[:ROWS], first, before, first + ROWS if has_more else None)


def part_of(rows: Sequence[Any], first: int) -> Part:
    """The part of a list that is there as a whole."""
    return part(first, lambda start, count: rows[start : start + count])
