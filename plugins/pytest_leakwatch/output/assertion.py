"""`assert leakwatch.survivors() == []` fails with paths, not with the repr of the leaks.

What is compared is any object of the tests, so unlike the texts this asks only for its type.
"""

from leakwatch.integration import counted, full_type_name
from leakwatch.model import Leak

MOST = 5


def compared(op: str, left: object, right: object) -> list[str] | None:
    """The lines of a failed comparison of leaks; None where there are none on either side."""
    sides = [side for side in (left, right) if are_leaks(side)]
    if not sides:
        return None
    lines = [f"{named(left)} {op} {named(right)}"]
    for leak in sides[0][:MOST]:  # type: ignore[index]
        lines += ["", counted(leak.count, leak.type_name, leak.type_name)]
        lines += [f"  {line}" for line in str(leak.path).splitlines()]
    return lines


def are_leaks(side: object) -> bool:
    """Whether this is a list or a tuple of leaks, with one at least."""
    return is_plain(side) and bool(side) and all(type(it) is Leak for it in side)  # type: ignore[attr-defined]


def is_plain(side: object) -> bool:
    """Whether this is a list or a tuple; a set of types would ask a metaclass for a hash."""
    return type(side) is list or type(side) is tuple


def named(side: object) -> str:
    """A side of the comparison in a few words."""
    if are_leaks(side):
        return f"<{counted(len(side), 'leak')}>"  # type: ignore[arg-type]
    return repr(side) if is_plain(side) and not side else f"<{full_type_name(type(side))}>"
