"""What would be freed if a survivor were gone."""

from collections.abc import Callable, Iterable, Sequence

from leakwatch.heap.fields import c_field, inherits
from leakwatch.heap.objects import class_of, shallow_size, sizeof_of
from leakwatch.interpreter import getrefcount

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


class _Holder:
    __slots__ = ("base",)

    base: object


def _references_of_a_sole_base() -> int:
    holder = _Holder()
    holder.base = [object()]
    base = c_field(holder, _Holder, "base")
    return getrefcount(base)


ALONE = _references_of_a_sole_base()
"""What `getrefcount(base)` says of an object that only one other holds, calibrated."""


def buffer_size_of(cls: type) -> Callable[[object], int] | None:
    """How to size what lies behind an instance of a class; None if nothing does.

    numpy is not imported for it, and no code of a subclass runs.
    """
    array = class_of("numpy", "ndarray")
    return _viewed_size if array is not None and inherits(cls, array) else None


def _viewed_size(view: object) -> int:
    """Bytes of the arrays that only this view, or a view behind it, refers to."""
    array = class_of("numpy", "ndarray")
    total = 0
    while array is not None and inherits(type(view), array):
        base = c_field(view, array, "base")
        # One reference is the view's; `view` is the first one's holder no longer.
        if base is None or getrefcount(base) > ALONE:
            break
        total += shallow_size(base)
        view = base
    return total
