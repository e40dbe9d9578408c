"""Sizes, counts and names as people write them."""

import pytest

from leakwatch.reports.wording import counted, printable, size


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0, "0 B"),
        (1023, "1023 B"),
        (1024, "1.0 KiB"),
        (1536, "1.5 KiB"),
        (-2048, "-2.0 KiB"),
        (5 * 1024**2, "5.0 MiB"),
        (3 * 1024**4, "3.0 TiB"),
        (5000 * 1024**4, "5000.0 TiB"),
    ],
)
def test_sizes(number, text):
    assert size(number) == text


@pytest.mark.parametrize(
    ("number", "text"), [(0, "0 leaks"), (1, "1 leak"), (2, "2 leaks"), (12345, "12,345 leaks")]
)
def test_counts(number, text):
    assert counted(number, "leak") == text


def test_a_plural_of_its_own():
    assert counted(2, "shop.Session", "shop.Session") == "2 shop.Session"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain é", "plain é"),
        ("\x1b[31m", "\\x1b[31m"),
        ("\u202e", "\\u202e"),
        ("a\nb", "a\\nb"),
        ("\ud800", "\\ud800"),
    ],
)
def test_nothing_unprintable_is_shown(text, shown):
    assert printable(text) == shown
