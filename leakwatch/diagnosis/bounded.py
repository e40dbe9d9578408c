"""Whether what a path leads to can be more than one object, however often the work is repeated.

A variable, an attribute and a signal handler have room for one object: the next one takes the
place of the last. Only a container, and what is registered, grows. So has a chain of objects of
one class room for any number, though it is made of attributes alone.
"""

import re
from collections.abc import Iterator

from leakwatch.model import Reference, RetentionPath, Verdict
from leakwatch.model.root_kinds import HolderKind

VARIABLE = re.compile(r"\.(?:\w+|get(?:_coro)?\(\)|<(?:closure|local|context variable) .*>)")
"""An attribute, or a variable of a closure, a function or a context."""
FIXED = frozenset({"tuple", "builtins.tuple"})
"""Holders that have as many entries as they were made with."""


def is_bounded(path: RetentionPath) -> bool:
    """Whether each reference of a path has room for one object, as its root has.

    What a dead object holds is not asked: with it that goes, whatever is in it.
    """
    if not path.root.facts.is_one_place:
        return False
    references = list(until_dead(path))
    return all(map(is_one_place, references)) and not is_chain(path, references)


def until_dead(path: RetentionPath) -> Iterator[Reference]:
    """Yield the references down to the first object that is known to be dead."""
    for reference in path.references:
        if reference.verdict is Verdict.LEAKING:
            return
        yield reference


def is_one_place(reference: Reference) -> bool:
    """Whether a reference has room for one object, or for as many as its holder was made with."""
    if reference.bounded or VARIABLE.fullmatch(reference.name):
        return True
    return reference.is_entry and reference.holder_type in FIXED


def is_chain(path: RetentionPath, references: list[Reference]) -> bool:
    """Whether an object leads to another one of its class, as the links of a list do."""
    kinds = [it.holder_type for it in references if it.holder_kind in {"", HolderKind.INSTANCE}]
    return len({*kinds, path.target_type}) <= len(kinds)
