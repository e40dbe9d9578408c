"""Parts of long lists: each row stands in exactly one, and no address asks for more."""

import pytest

from leakwatch_explorer.paging import (
    FURTHEST,
    ROWS,
    BadQuestion,
    NotThere,
    chosen,
    number_in,
    part,
    part_of,
)


@pytest.mark.parametrize("length", [0, 1, ROWS - 1, ROWS, ROWS + 1, 3 * ROWS])
def test_going_on_shows_every_row_once_and_back_leads_to_the_first(length):
    rows, seen, first = range(length), [], 0
    while first is not None:
        here = part_of(rows, first)
        seen += here.rows
        last, first = here, here.after
    assert seen == [*rows]
    while last.before is not None:
        last = part_of(rows, last.before)
    assert last.first == 0


def test_no_part_begins_behind_the_last_that_is_shown():
    asked = []

    def rows_from(first, count):
        asked.append((first, count))
        return range(first, first + count)

    assert part(FURTHEST * 1000, rows_from).after is None
    assert asked == [(FURTHEST, ROWS + 1)]


@pytest.mark.parametrize("text", ["-1", "1.5", "x", " 1", "1" * 13, "\u0661"])
def test_what_is_no_number_is_refused(text):
    with pytest.raises(BadQuestion, match="whole number"):
        number_in(text)


def test_nothing_is_the_first():
    assert number_in(None) == number_in("") == number_in("0") == 0


@pytest.mark.parametrize("number", [-1, 2])
def test_a_row_that_is_not_there_is_told(number):
    with pytest.raises(NotThere, match="there are 2 heaps"):
        chosen(["a", "b"], number, "heaps")
