"""Memory behind objects that the collector cannot look into: views of numpy arrays.

An array knows the size of the memory that it owns itself, by its `__sizeof__`. A view does
not count what it looks at, though often nothing else holds that: a slice of a temporary
array, or the transposed block of a data frame.
"""

from collections.abc import Callable

from leakwatch.fields import c_field, inherits
from leakwatch.heap.objects import class_of, shallow_size
from leakwatch.interpreter import getrefcount


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
