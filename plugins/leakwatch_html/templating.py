"""What makes the page safe: escaping that no template can forget, and a policy for the browser.

The policy names our own scripts and styles by hash and allows nothing else. Hashes instead of a
nonce: a nonce that stands in a saved file is no secret, and with hashes the same report gives the
same file.
"""

import json
import re
from base64 import b64encode
from collections.abc import Iterable
from functools import cache
from hashlib import sha256
from importlib.resources import files

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from leakwatch.extending import printable, size

CODE = Markup("<code>{}</code>")
PLAIN = Markup("{}")
NAME_DOT = re.compile(r"\.(?=[^\W\d])")
"""A dot before a name, not the one in a number."""
SIZE = re.compile(r"(?<=\d) (?=(?:B|[KMGT]iB)\b)")
"""The space of a size such as `42.2 MiB`."""

HARMLESS = str.maketrans({"<": "\\u003c", ">": "\\u003e", "&": "\\u0026"})
"""Outside of strings JSON has none of these, so writing them out changes no value."""


@cache
def environment() -> Environment:
    """The templates of this package.

    Every value is escaped for HTML, and before that its control characters, escape sequences
    and marks that turn the reading direction are written out, as in every other format.
    """
    made = Environment(
        loader=PackageLoader("leakwatch_html"),
        autoescape=True,
        finalize=legible,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["grouped"] = "{:,}".format
    made.filters["size"] = size
    made.filters["ticked"] = ticked
    made.filters["breakable"] = breakable
    made.filters["unbroken"] = unbroken
    return made


def legible(value: object) -> object:
    """A value as it may be shown; what a template has made stays as it is."""
    return value if type(value) is Markup else printable(str(value))


def breakable(text: str) -> Markup:
    """A dotted name, or text with some, that a line may break before each dot of a name."""
    return Markup("<wbr>.").join(NAME_DOT.split(printable(text)))


def unbroken(text: str) -> Markup:
    """Text in which no line ends between a size and its unit."""
    return Markup("&nbsp;").join(SIZE.split(printable(text)))


def ticked(text: str) -> Markup:
    """Text in which backticks enclose code, as patterns are written."""
    parts = text.split("`")
    # An odd number of ticks: the last one was meant, and what follows it is no code.
    closed = len(parts) if len(parts) % 2 else len(parts) - 1
    made = [
        (CODE if index % 2 else PLAIN).format(printable(parts[index])) for index in range(closed)
    ]
    return Markup("").join([*made, *("`" + printable(part) for part in parts[closed:])])


@cache
def asset(name: str) -> Markup:
    """One of our own scripts or style sheets, as it stands."""
    text = (files("leakwatch_html") / "templates" / name).read_text(encoding="utf-8")
    assert "</" not in text, f"{name} would end the element that it stands in"
    return Markup(text)  # noqa: S704 - a file of this package


def as_json(value: object) -> Markup:
    """A value as JSON for a `script` element, none of which a browser takes for markup.

    It is ASCII: what is outside, U+2028 and half surrogate pairs too, stands as an escape.

    Args:
        value: lists, dicts, strings and numbers.

    Returns:
        JSON that any reader takes for the same value.
    """
    text = json.dumps(value, separators=(",", ":")).translate(HARMLESS)
    return Markup(text)  # noqa: S704 - nothing is left in it that HTML could read


def policy(scripts: Iterable[str], styles: Iterable[str]) -> str:
    """The Content-Security-Policy of a page with these inline scripts and style sheets.

    Args:
        scripts: the text of each `script` element, to the last space.
        styles: the text of each `style` element.

    Returns:
        the value of the header or `meta` element: no request, no form, no frame, no `eval`,
        no attribute that is a script or a style.
    """
    return "; ".join(
        [
            "default-src 'none'",
            f"script-src {hashes_of(scripts)}",
            f"style-src {hashes_of(styles)}",
            "base-uri 'none'",
            "form-action 'none'",
        ]
    )


def hashes_of(texts: Iterable[str]) -> str:
    """Sources of a policy: the SHA-256 of each text in base64, as browsers compute it."""
    digests = (b64encode(sha256(text.encode()).digest()).decode() for text in texts)
    return " ".join(f"'sha256-{digest}'" for digest in digests)
