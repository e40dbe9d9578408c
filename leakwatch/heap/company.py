"""What a survivor brings along: the objects with a name that only it keeps alive, by type."""

from collections.abc import Iterable, Iterator

from leakwatch.heap.atoms import ATOMS
from leakwatch.heap.objects import inherits, is_module
from leakwatch.heap.plumbing import is_plumbing

Kind = tuple[type, int]
"""A type and how many there are of exactly that."""


def company_of(groups: Iterable[list[object]], owner: object) -> Iterator[Kind]:
    """The kinds that come along with a survivor, nearest first; not its own.

    Args:
        groups: what it alone keeps alive, in groups of one exact type each, in the order of
            discovery (`HeapGraph.owned`).
        owner: the survivor.
    """
    for group in groups:
        cls = type(group[0])
        if cls is not type(owner) and has_a_name(cls) and not is_module(group[0]):
            yield cls, len(group)


def has_a_name(cls: type) -> bool:
    """Whether objects of a type say something to the reader: no plumbing, atom or class does."""
    return not (id(cls) in ATOMS or is_plumbing(cls) or inherits(cls, type))
