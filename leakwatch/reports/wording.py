"""Sizes, counts and names as people write them."""

from collections.abc import Sequence

UNITS = ("B", "KiB", "MiB", "GiB", "TiB")


def size(number: float) -> str:
    """Bytes with a unit: `512 B`, `12.3 KiB`."""
    sign = "-" if number < 0 else ""
    value = abs(float(number))
    unit = 0
    while value >= 1024 and unit < len(UNITS) - 1:
        value /= 1024
        unit += 1
    digits = f"{value:.0f}" if unit == 0 else f"{value:.1f}"
    return f"{sign}{digits} {UNITS[unit]}"


def signed(number: int) -> str:
    """Bytes with a sign."""
    return f"+{size(number)}" if number >= 0 else size(number)


def counted(number: int, noun: str, plural: str = "") -> str:
    """`1 leak`, `3 leaks`."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def printable(text: str) -> str:
    """Text without control characters, escapes or marks that turn the reading direction."""
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else ascii(char)[1:-1] for char in text)


def awaited(tasks: Sequence[str]) -> str:
    """Who awaits a task, and who awaits that; empty where nobody does."""
    return f"awaited by {', that by '.join(tasks)}" if tasks else ""


def about(number: float) -> str:
    """A number with two digits that count: `320`, `510,000`, `9`."""
    return f"{float(f'{number:.2g}'):,.0f}" if number >= 10 else f"{number:.2g}"


SPARKS = "\u2581\u2582\u2583\u2584\u2585\u2586\u2587\u2588"
ASCII_SPARKS = "_.-~=+*#"
"""What stands for them where the encoding has no block elements; the same levels."""


def sparkline(values: Sequence[float]) -> str:
    """A line of block elements, one for each value, from the smallest to the largest."""
    least, most = min(values), max(values)
    if least == most:
        return SPARKS[0] * len(values)
    scale = (len(SPARKS) - 1) / (most - least)
    return "".join(SPARKS[round((value - least) * scale)] for value in values)


def encodable(text: str, encoding: str) -> str:
    """The text with what an encoding lacks replaced: symbols by ASCII ones, the rest escaped."""
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        plain = text.translate(IN_ASCII)
        return plain.encode(encoding, "backslashreplace").decode(encoding)
    return text


IN_ASCII = str.maketrans({**dict(zip(SPARKS, ASCII_SPARKS, strict=True)), "\u00b1": "+-"})
"""Symbols of our own; names of the program are escaped instead, for they must stay exact."""
