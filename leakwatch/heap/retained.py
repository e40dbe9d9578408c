"""What would be freed if a survivor were gone."""

from collections.abc import Callable, Sequence

from leakwatch.heap.atoms import ATOMS
from leakwatch.heap.objects import shallow_size
from leakwatch.heap.walk import HeapGraph
from leakwatch.interpreter import get_referents, getrefcount

EXCLUSIVE = 3
"""References to an atom that only its holder has: the holder, our variable, the argument."""


def exclusive_size(
    graph: HeapGraph,
    position: int,
    first_new: int,
    sizers: Sequence[Callable[[object], int | None]] = (),
) -> int:
    """Bytes of a survivor and of everything that only it reaches.

    Args:
        graph: the walk, in which the survivor has just been entered.
        position: the survivor.
        first_new: first position that entering it added.
        sizers: sizes that plugins know (numpy buffers, say).

    Returns:
        bytes. Strings and numbers count only while nobody else refers to them.
    """
    total = _size(graph.object_at(position), sizers)
    for new in range(first_new, len(graph)):
        total += _size(graph.object_at(new), sizers)
    return total


def _size(subject: object, sizers: Sequence[Callable[[object], int | None]]) -> int:
    return size_of(subject, sizers) + _atoms_size(subject)


def size_of(subject: object, sizers: Sequence[Callable[[object], int | None]] = ()) -> int:
    """Bytes of one object: a plugin's answer if there is one, else the interpreter's."""
    for sizer in sizers:
        known = sizer(subject)
        if known is not None:
            return known
    return shallow_size(subject)


def _atoms_size(holder: object) -> int:
    """Bytes of the strings and numbers that only this object refers to."""
    total = 0
    atoms = [item for item in get_referents(holder) if id(type(item)) in ATOMS]
    while atoms:
        atom = atoms.pop()
        if getrefcount(atom) <= EXCLUSIVE:
            total += shallow_size(atom)
    return total
