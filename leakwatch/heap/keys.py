"""Keys as text: short, escaped, and masked where their shape is that of a secret."""

import re

from leakwatch.heap.objects import identities, is_class, is_exactly, type_name
from leakwatch.heap.secrets import looks_secret

LONGEST = 40
LOOKED_AT = 5 * LONGEST
"""Characters of a key that are searched for secrets: what lies behind is not shown, and the search
takes the square of the length."""
NUMBERS = identities((int, bool, type(None)))
QUERY = re.compile(r"(://[^\s?]*\?)\S+")
"""The query of a URL, which has signatures and tokens under any name."""
TURNS = re.compile(r"(?<=[A-Za-z])(?=\d)|(?<=\d)(?=[A-Za-z])")
RANDOM_LENGTH, RANDOM_TURNS = 20, 6
"""An identifier that long, and going from letters to digits and back so often, nobody has typed."""


def attribute_text(name: object) -> str:
    """`.name`, or an entry of the `__dict__` where it is no name that a program writes.

    A namespace may have any string for a key, and even keys that are no strings.
    """
    if type(name) is str and name.isidentifier() and not is_random(name):
        return f".{name}"
    return f".__dict__[{key_text(name)}]"


def is_random(name: str) -> bool:
    """Whether an identifier has the shape of a token."""
    return len(name) >= RANDOM_LENGTH and len(TURNS.findall(name)) >= RANDOM_TURNS


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
    shown = QUERY.sub(r"\1…", text[:LOOKED_AT])
    if looks_secret(shown):
        return f"'<{len(text)} characters>'"
    text = shown
    if len(text) > LONGEST:
        text = text[: LONGEST - 1] + "…"
    return ascii(text) if not text.isprintable() else repr(text)


def masked_number(text: str) -> str:
    """Numbers of nine digits and more are masked: they tend to be somebody's."""
    return text if len(text) < 9 else f"<{len(text)} digits>"
