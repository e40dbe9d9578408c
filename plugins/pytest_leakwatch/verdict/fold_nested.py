"""One bug, one leak: what hangs on a leaked object is told with it, not beside it.

A leaked `Session` keeps its `User` alive. Both are survivors of the same test, and cutting
the reference to the session frees both.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from leakwatch.integration import summed_types
from leakwatch.model import Company, Leak, Reference, RetentionPath
from leakwatch.model.root_kinds import HolderKind

KEY = re.compile(r"\[.*\]")
Shape = tuple[str, ...]


Makers = Mapping[str, Collection[int]]
"""For each signature the numbers of the tests that made its survivors."""


def folded(leaks: Sequence[Leak], makers: Makers) -> tuple[Leak, ...]:
    """Add leaks that hang on the survivors of another leak of the same tests to that leak.

    Args:
        leaks: as found, each survivor on its own.
        makers: which tests made the survivors of each.

    Returns:
        the leaks that hang on no other, with the sizes of what hangs on them.
    """
    outer = [leak for leak in leaks if outermost(leak, leaks, makers) is leak]
    whole = {leak.signature: leak for leak in outer}
    for leak in leaks:
        holder = outermost(leak, leaks, makers)
        if holder is not leak:
            whole[holder.signature] = with_inner(whole[holder.signature], leak)
    return tuple(whole.values())


def outermost(leak: Leak, leaks: Sequence[Leak], makers: Makers) -> Leak:
    """The leak that hangs on no other, and on which this one hangs; itself if none.

    Step by step: the leak at the end of the chain need not be held by an object of the same
    type on each path of the chain, so that the first leak may not lead to the last one.
    """
    while (holder := nearest(leak, leaks, makers)) is not leak:
        leak = holder
    return leak


def nearest(leak: Leak, leaks: Sequence[Leak], makers: Makers) -> Leak:
    """The leak with the shortest path that this one's path continues; itself if none."""
    holders = [
        other
        for other in leaks
        if continues(leak.path, other.path)
        and set(makers[leak.signature]) <= set(makers[other.signature])
    ]
    return min(holders, key=lambda other: len(other.path.references), default=leak)


def continues(path: RetentionPath, shorter: RetentionPath) -> bool:
    """Whether a path leads through the survivor at the end of a shorter one."""
    length = len(shorter.references)
    if path.root != shorter.root or len(path.references) <= length:
        return False
    return is_alike(path.references[length], shorter) and shape(path)[:length] == shape(shorter)


def is_alike(through: Reference, end: RetentionPath) -> bool:
    """Whether the holder of a reference is of the type of the survivor at the end of a path.

    Reports name most objects by their type, but classes, functions and tasks by their own names.
    """
    if through.holder_type == end.target_type:
        return True
    return through.holder_kind == end.target_kind != HolderKind.INSTANCE


def shape(path: RetentionPath) -> Shape:
    """The names on a path without keys and indexes, which differ from survivor to survivor."""
    return tuple(KEY.sub("[]", reference.name) for reference in path.references)


def with_inner(outer: Leak, inner: Leak) -> Leak:
    """A leak with the size of what hangs on it."""
    return replace(
        outer,
        retained_bytes=outer.retained_bytes + inner.retained_bytes,
        company=summed_types(
            outer.company, (Company(inner.type_name, inner.count), *inner.company)
        ),
    )
