"""Keys as text: short, escaped, and masked where their shape is that of a secret."""

import re

from leakwatch.heap.objects import identities, is_class, is_exactly, type_name

LONGEST = 40
NUMBERS = identities((int, bool, type(None)))
SECRETS = re.compile(
    r"""
      (?i:token|secret|password|passwd|api[_-]?key|bearer|session[_-]?id)
    | ^[A-Za-z0-9+/_=-]{24,}$      # base64, hex, JWT parts
    | \b\d{9,}\b                   # card and phone numbers
    | [^@\s]+@[^@\s]+\.[^@\s]+     # e-mail addresses
    | ://[^/\s]*:[^/\s]*@          # credentials in a URL
    """,
    re.VERBOSE,
)


def key_text(key: object) -> str:
    """A mapping's key as Python would write it, safe to print.

    Only exact builtin types are shown; any other key is named by its type, for its `repr`
    is code of the program.
    """
    kind = type(key)
    if kind is str:
        return string_text(str(key))
    if is_exactly(key, NUMBERS):
        return masked_number(str(key))
    if kind is bytes:
        return "b'…'"
    if is_class(key):
        return type_name(key)  # type: ignore[arg-type]
    return f"<{type_name(kind)}>"


def string_text(text: str) -> str:
    """A string in quotes, or its length in place of what looks like a secret."""
    if SECRETS.search(text):
        return f"'<{len(text)} characters>'"
    if len(text) > LONGEST:
        text = text[: LONGEST - 1] + "…"
    return ascii(text) if not text.isprintable() else repr(text)


def masked_number(text: str) -> str:
    """Numbers of nine digits and more are masked: they tend to be somebody's."""
    return text if len(text) < 9 else f"<{len(text)} digits>"
