"""What repeats on a path is said once, and how many times it does."""

import pytest

from leakwatch.model import Reference, RetentionPath, Root
from leakwatch.model.leaks import blocks, folded


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ("", []),
        ("abc", [("a", 1), ("b", 1), ("c", 1)]),
        ("xaaay", [("x", 1), ("a", 3), ("y", 1)]),
        ("ababab", [("ab", 3)]),
        ("xabcdabcd", [("x", 1), ("abcd", 2)]),
        ("aab", [("a", 2), ("b", 1)]),
    ],
)
def test_blocks_have_their_number(parts, expected):
    assert blocks(parts) == expected


def test_folding_takes_a_repeated_block_once():
    assert "".join(folded("xababy")) == "xaby"
    assert "".join(folded("aaa")) == "a"


def test_a_long_traceback_is_one_line_of_a_path():
    names = [".failure", *([".tb_next"] * 304), ".tb_frame"]
    references = tuple(Reference("traceback", name) for name in names)
    path = RetentionPath(Root("module global", "app"), references, "app.Request")
    assert str(path).splitlines() == [
        "module global app",
        "  .failure -> traceback",
        "  .tb_next -> traceback",
        "  (this reference 304 times)",
        "  .tb_frame -> app.Request",
    ]
