"""Sizes, counts and names as people write them."""

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


def counted(number: int, noun: str, plural: str = "") -> str:
    """`1 leak`, `3 leaks`."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def printable(text: str) -> str:
    """Text without control characters, escapes or marks that turn the reading direction."""
    return "".join(char if char.isprintable() else ascii(char)[1:-1] for char in text)
