"""What would be freed if a survivor were gone."""

from collections.abc import Iterable, Iterator, Sequence

from leakwatch.heap.objects import shallow_size, sizeof_of
from leakwatch.heap.of_class import Calls, calls_for
from leakwatch.heap.structural_types import named_groups
from leakwatch.paths.buffers import Bytes, SharedBuffers, SharedSize, Size, Sizer
from leakwatch.paths.question import Kind


def size_of_groups(
    groups: Iterable[list[object]],
    sizers: Calls[Size] = (),
    shared: SharedBuffers | None = None,
) -> int:
    """Bytes of the process's memory only, as of `bytes_of_groups`."""
    return bytes_of_groups(groups, sizers, shared or SharedBuffers()).process


def kinds_in(
    groups: Iterable[list[object]], owner: object, sizers: Calls[Size] = ()
) -> Iterator[Kind]:
    """Yield the types with a name that a survivor retains, nearest first; not its own.

    Args:
        groups: what it alone keeps alive, in groups of one exact type each, in the order of
            discovery (`HeapGraph.owned`).
        owner: the survivor.
        sizers: sizes that plugins know.
    """
    for group in named_groups(groups, owner):
        yield type(group[0]), len(group), size_of_groups([group], sizers)


def bytes_of_groups(
    groups: Iterable[list[object]], sizers: Calls[Size], shared: SharedBuffers
) -> Bytes:
    """Bytes of objects that come in groups of one exact type each.

    Args:
        groups: the objects.
        sizers: sizes that plugins know.
        shared: the buffers that were used so far.
    """
    total = Bytes()
    for group in groups:
        total += _bytes_of_group(group, sizers, shared)
    return total


def _bytes_of_group(group: list[object], sizers: Calls[Size], shared: SharedBuffers) -> Bytes:
    cls = type(group[0])
    asked = calls_for(cls, sizers) if sizers else []
    if asked:
        total = Bytes()
        for member in group:
            total += _bytes_of(member, asked, shared)
        return total
    sizeof, header = sizeof_of(cls)
    return Bytes(sum(map(sizeof, group)) + header * len(group))


def _bytes_of(subject: object, sizers: Sequence[Sizer], shared: SharedBuffers) -> Bytes:
    """Bytes of one object: a plugin's answer if there is one, else the interpreter's."""
    for sizer in sizers:
        known = sizer(subject)
        if type(known) is SharedSize:
            return shared.credit(known)
        if type(known) is int:
            return Bytes(known)
    return Bytes(shallow_size(subject))
