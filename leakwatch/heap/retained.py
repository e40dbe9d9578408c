"""What would be freed if a survivor were gone."""

from collections.abc import Callable, Iterable, Sequence

from leakwatch.heap.objects import shallow_size, sizeof_of

Sizers = Sequence[Callable[[object], int | None]]


def size_of(subject: object, sizers: Sizers = ()) -> int:
    """Bytes of one object: a plugin's answer if there is one, else the interpreter's."""
    for sizer in sizers:
        known = sizer(subject)
        if known is not None:
            return known
    return shallow_size(subject)


def size_of_groups(groups: Iterable[list[object]], sizers: Sizers = ()) -> int:
    """Bytes of objects that come in groups of one exact type each."""
    return sum(_size_of_group(group, sizers) for group in groups)


def _size_of_group(group: list[object], sizers: Sizers) -> int:
    if sizers:
        return sum(size_of(member, sizers) for member in group)
    sizeof, header = sizeof_of(type(group[0]))
    return sum(map(sizeof, group)) + header * len(group)
