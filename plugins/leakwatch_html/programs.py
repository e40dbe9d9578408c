"""The fix of a pattern as two programs, with the lines that differ marked."""

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import SequenceMatcher

from leakwatch.extending import programs
from leakwatch.model import Leak, Pattern


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a program.

    Attributes:
        text: without the line's end.
        changed: whether the other program lacks it.
    """

    text: str
    changed: bool


@dataclass(frozen=True, slots=True)
class Remedy:
    """A pattern with its programs.

    Attributes:
        anchor: its `id`; a code may be any text in a report that was read from a file.
        pattern: code, title, explanation and fix.
        before: the program that leaks; empty if leakwatch does not know the pattern.
        after: the same with the fix.
    """

    anchor: str
    pattern: Pattern
    before: tuple[Line, ...]
    after: tuple[Line, ...]


def remedies(leaks: Iterable[Leak]) -> list[Remedy]:
    """The patterns of these leaks, each once, in the order of their codes."""
    found = {leak.pattern.code: leak.pattern for leak in leaks if leak.pattern}
    return [remedy(f"fix-{number}", found[code]) for number, code in enumerate(sorted(found), 1)]


def remedy(anchor: str, pattern: Pattern) -> Remedy:
    """A pattern with the programs that leakwatch has for it."""
    known = programs(pattern.code)
    if known is None:
        return Remedy(anchor, pattern, (), ())
    before, after = (text.splitlines() for text in known)
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    kept_before: set[int] = set()
    kept_after: set[int] = set()
    for block in matcher.get_matching_blocks():
        kept_before.update(range(block.a, block.a + block.size))
        kept_after.update(range(block.b, block.b + block.size))
    return Remedy(anchor, pattern, marked(before, kept_before), marked(after, kept_after))


def marked(lines: list[str], kept: set[int]) -> tuple[Line, ...]:
    """The lines; those not kept are marked, but for empty ones."""
    return tuple(
        Line(text, index not in kept and bool(text.strip())) for index, text in enumerate(lines)
    )
