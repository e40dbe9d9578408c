"""Texts, numbers and figures that a hook answers, made plain: exact `str`, `int` and `dict`.

What a class of a plugin's own does in `__len__`, `__eq__` or `__format__` would else run wherever
a report is made or printed.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from operator import index
from typing import Any

from leakwatch.heap.objects import class_name, inherits

MOST_PARTS = 100_000
"""Parts of an answer: an iterator may be without an end."""
LONGEST_TEXT = 10_000
"""Characters of a text that is part of a value; a whole document may be of any length."""
WHOLE = range(-(2**63), 2**63)
"""Whole numbers that arrays, files and other languages can hold."""
LEAST, MOST = WHOLE[0], WHOLE[-1]


class WrongAnswerError(TypeError):
    """An answer is not of the type that was declared."""

    def __init__(self, expected: str, found: object) -> None:
        super().__init__(f"expected {expected}, got {class_name(type(found))}")


@dataclass(frozen=True, slots=True)
class Source:
    """Whose answer it is.

    Attributes:
        plugin: its name.
        hook: which hook it answers.
        note: called with what a function of the answer raises later; gives the message.
        trusted: whether it is leakwatch itself, whose types are checked before it is shipped; a
            process has tens of thousands of roots.
    """

    plugin: str
    hook: str
    note: Callable[[str, str, BaseException], str]
    trusted: bool = False


Check = Callable[[Any, Source], Any]
"""Gives the answer, as plain as can be; raises if it is wrong, or whatever it raises itself."""


def anything(found: object, source: Source) -> object:
    """What is declared as `object`: a live object of the program, which is not looked at."""
    return found


def nothing(found: object, source: Source) -> None:
    """Some hooks are told and not asked."""
    if found is not None:
        raise WrongAnswerError("nothing", found)


def document(found: object, source: Source) -> str:
    """A text of any length, without the class that a plugin may have given it."""
    if not inherits(type(found), str):
        raise WrongAnswerError("a text", found)
    return str.__str__(found)


def text(found: object, source: Source) -> str:
    """A text that people read in one piece."""
    whole = document(found, source)
    if len(whole) > LONGEST_TEXT:
        raise ValueError(f"expected at most {LONGEST_TEXT:,} characters, got {len(whole):,}")
    return whole


def truth(found: object, source: Source) -> bool:
    """True or False."""
    if type(found) is not bool:
        raise WrongAnswerError("True or False", found)
    return found


def number(found: Any, source: Source) -> float:
    """A number with a fraction, which has to be one: NaN is in no JSON."""
    if not inherits(type(found), float) and type(found) is not int:
        raise WrongAnswerError("a number", found)
    exact = found if type(found) is int else float.__float__(found)
    if not math.isfinite(exact):
        raise ValueError(f"expected a finite number, got {exact}")
    return exact


def whole_number_in(wanted: range) -> Check:
    """A whole number, of any class that counts as one."""
    least, most = wanted[0], wanted[-1]

    def check(found: Any, source: Source) -> int:
        if type(found) is int and least <= found <= most:
            return found
        try:
            exact = int.__index__(index(found))
        except TypeError:
            raise WrongAnswerError("a whole number", found) from None
        if not least <= exact <= most:
            raise ValueError(f"expected a whole number from {least:,} to {most:,}")
        return exact

    return check


whole_number = whole_number_in(WHOLE)


def figures(found: Any, source: Source) -> dict[str, int]:
    """Numbers by name; asked for twice in each scope, so no call is made for a good one."""
    if type(found) is dict:
        for name, value in found.items():
            if type(name) is not str or type(value) is not int or not LEAST <= value <= MOST:
                break
        else:
            return found
    if not isinstance(found, Mapping):
        raise WrongAnswerError("numbers by name", found)
    kept: dict[str, int] = {}
    for name in found:
        refuse_more(kept)
        kept[text(name, source)] = whole_number(found[name], source)
    return kept


def refuse_more(kept: Sequence[object] | Mapping[str, object]) -> None:
    """Give an answer up that has no end."""
    if len(kept) >= MOST_PARTS:
        raise ValueError(f"expected at most {MOST_PARTS:,} parts, got more")
