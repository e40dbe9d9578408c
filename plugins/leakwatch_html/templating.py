"""The templates, with escaping that no template can forget."""

import re
from functools import cache
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
