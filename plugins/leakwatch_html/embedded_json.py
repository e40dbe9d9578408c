"""Data inside a page, where a browser must not take any of it for markup."""

import json

from markupsafe import Markup

HARMLESS = str.maketrans({"<": "\\u003c", ">": "\\u003e", "&": "\\u0026"})
"""Outside of strings JSON has none of these, so writing them out changes no value."""


def as_json(value: object) -> Markup:
    """A value as JSON for a `script` element of type `application/json`.

    It is ASCII: what is outside, U+2028 and half surrogate pairs too, stands as an escape.

    Args:
        value: lists, dicts, strings and numbers.

    Returns:
        JSON that any reader takes for the same value.
    """
    text = json.dumps(value, separators=(",", ":")).translate(HARMLESS)
    return Markup(text)  # noqa: S704 - nothing is left in it that HTML could read
