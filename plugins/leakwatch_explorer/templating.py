"""Templates in which no value can be anything but text."""

from functools import cache
from importlib.resources import files

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from leakwatch.extending import printable, signed, size


@cache
def environment() -> Environment:
    """The templates of this package.

    Every value is escaped for HTML, and before that its control characters and marks that turn
    the reading direction are written out.
    """
    made = Environment(
        loader=PackageLoader("leakwatch_explorer"),
        autoescape=True,
        finalize=legible,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["grouped"] = "{:,}".format
    made.filters["signed_number"] = "{:+,}".format
    made.filters["size"] = size
    made.filters["signed_size"] = signed
    made.filters["ticked"] = ticked
    return made


def legible(value: object) -> object:
    """A value as it may be shown; what a template has made stays as it is."""
    return value if type(value) is Markup else printable(str(value))


def ticked(text: str) -> Markup:
    """Text in which backticks enclose code, as patterns are written."""
    parts = [printable(part) for part in text.split("`")]
    made = Markup("")
    for number, part in enumerate(parts):
        is_code = number % 2 == 1 and number < len(parts) - 1
        made += Markup("<code>{}</code>").format(part) if is_code else part
    return made


@cache
def asset(name: str) -> bytes:
    """A file beside the templates."""
    return (files("leakwatch_explorer") / "templates" / name).read_bytes()
