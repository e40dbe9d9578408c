"""What would be freed if a survivor were gone."""

from collections.abc import Iterable, Sequence

from leakwatch.heap.objects import shallow_size, sizeof_of
from leakwatch.heap.of_class import Calls, calls_for
from leakwatch.paths.question import Size, Sizer


def size_of_groups(groups: Iterable[list[object]], sizers: Calls[Size] = ()) -> int:
    """Bytes of objects that come in groups of one exact type each."""
    return sum(_size_of_group(group, sizers) for group in groups)


def _size_of_group(group: list[object], sizers: Calls[Size]) -> int:
    cls = type(group[0])
    asked = calls_for(cls, sizers) if sizers else []
    if asked:
        return sum(_size_of(member, asked) for member in group)
    sizeof, header = sizeof_of(cls)
    return sum(map(sizeof, group)) + header * len(group)


def _size_of(subject: object, sizers: Sequence[Sizer]) -> int:
    """Bytes of one object: a plugin's answer if there is one, else the interpreter's."""
    for sizer in sizers:
        known = sizer(subject)
        if known is not None:
            return known
    return shallow_size(subject)
