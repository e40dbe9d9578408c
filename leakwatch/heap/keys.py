"""Keys as text: short, escaped, and masked where their shape is that of a secret."""

from leakwatch.heap.objects import identities, is_class, is_exactly, type_name
from leakwatch.heap.secrets import QUERY, has_secret, looks_secret, mask

LONGEST = 40
LOOKED_AT = 5 * LONGEST
"""Characters of a key that are searched for secrets: what lies behind is not shown, and the search
takes the square of the length."""
NUMBERS = identities((int, bool, type(None)))


def attribute_text(name: object) -> str:
    """`.name`, or an entry of the `__dict__` where it is no name that a program writes.

    A namespace may have any string for a key, and even keys that are no strings.
    """
    if type(name) is str and name.isidentifier() and not has_secret(name[:LOOKED_AT]):
        return f".{name}"
    return f".__dict__[{key_text(name)}]"


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
        return f"'{mask(text)}'"
    text = shown
    if len(text) > LONGEST:
        text = text[: LONGEST - 1] + "…"
    return ascii(text) if not text.isprintable() else repr(text)


def masked_number(text: str) -> str:
    """Numbers of nine digits and more are masked: they tend to be somebody's."""
    return text if len(text) < 9 else f"<{len(text)} digits>"
