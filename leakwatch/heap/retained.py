"""What would be freed if a survivor were gone."""

from collections.abc import Callable, Iterable, Sequence

from leakwatch.heap.buffers import buffer_size_of
from leakwatch.heap.objects import sizeof_of

Sizers = Sequence[Callable[[object], int | None]]


def size_of(subject: object, sizers: Sizers = ()) -> int:
    """Bytes of one object: a plugin's answer if there is one, else the interpreter's."""
    for sizer in sizers:
        known = sizer(subject)
        if known is not None:
            return known
    return size_of_groups([[subject]])


def size_of_groups(groups: Iterable[list[object]], sizers: Sizers = ()) -> int:
    """Bytes of objects that come in groups of one exact type each."""
    return sum(_size_of_group(group, sizers) for group in groups)


def _size_of_group(group: list[object], sizers: Sizers) -> int:
    if sizers:
        return sum(size_of(member, sizers) for member in group)
    cls = type(group[0])
    sizeof, header = sizeof_of(cls)
    behind = buffer_size_of(cls)
    total = sum(map(sizeof, group)) + header * len(group)
    return total if behind is None else total + sum(map(behind, group))
