"""What a pattern is, and what its rule may ask of a path."""

from collections.abc import Callable
from dataclasses import dataclass

from leakwatch.model import HolderKind, Pattern, RetentionPath

Rule = Callable[[RetentionPath], bool]


@dataclass(frozen=True, slots=True)
class Mistake:
    """A pattern with its rule, and the shortest program that makes the mistake.

    Attributes:
        pattern: code, title, explanation and fix, as reports print them.
        fits: whether a finished path, plain data without live objects, shows the mistake.
        before: a module whose `work()` leaks exactly so each time it is called.
        after: the same module with the fix applied, which leaks nothing.
    """

    pattern: Pattern
    fits: Rule
    before: str
    after: str


def names(path: RetentionPath) -> list[str]:
    """The names of the references."""
    return [reference.name for reference in path.references]


def has_name(path: RetentionPath, *fragments: str) -> bool:
    """Whether some reference's name contains one of the fragments."""
    return any(fragment in name for name in names(path) for fragment in fragments)


def ends_in_entry(path: RetentionPath) -> bool:
    """Whether a container's entry is among the suspects."""
    return any(reference.is_entry for reference in path.suspects)


def suspect_held_by(path: RetentionPath, *kinds: HolderKind) -> bool:
    """Whether the holder of a suspect reference is of one of these kinds."""
    return any(reference.holder_kind in kinds for reference in path.suspects)


def passes(path: RetentionPath, *holders: str) -> bool:
    """Whether the path leads through an object of one of these types."""
    return any(reference.holder_type in holders for reference in path.references)
