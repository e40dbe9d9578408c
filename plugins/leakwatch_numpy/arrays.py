"""What an array holds, and how much of it.

Arrays are asked through numpy's own descriptors, since a subclass may override the names. They
copy references and run no code of the program.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from sys import getrefcount
from typing import Any

from leakwatch.extending import (
    Buffer,
    Named,
    SharedSize,
    class_attributes,
    class_of,
    inherits,
    shallow_size,
)

OBJECTS = "O"
RECORDS = "V"
"""`dtype.kind` of an array of objects, and of one of records that may have such fields."""
ANY_ELEMENT = "[*]"


@dataclass(frozen=True, slots=True)
class Fields:
    """numpy's array, and how its fields are read.

    Attributes:
        cls: the class `ndarray`.
        dtype: gives the type of the elements.
        ndim: gives the number of dimensions.
        base: gives the object that a view shares the memory of, or None.
        nbytes: gives the bytes of the elements.
        to_list: copies the elements into lists in lists.
    """

    cls: type
    dtype: Callable[[object], Any]
    ndim: Callable[[object], int]
    base: Callable[[object], object]
    nbytes: Callable[[object], int]
    to_list: Callable[[object], Any]


@cache
def fields() -> Fields:
    """The fields, once numpy is loaded; to look them up takes ten times as long as to read one."""
    array = class_of("numpy", "ndarray")
    assert array is not None, "asked about an array before there is one"
    own: Any = class_attributes(array)
    names = ("dtype", "ndim", "base", "nbytes")
    dtype, ndim, base, nbytes = (own[name].__get__ for name in names)
    return Fields(array, dtype, ndim, base, nbytes, own["tolist"])


def elements(array: Any) -> list[object]:
    """The objects in an array, row by row; empty for any other array."""
    own = fields()
    dtype = own.dtype(array)
    if not dtype.hasobject or dtype.kind not in {OBJECTS, RECORDS}:
        return []
    flat = [own.to_list(array)]
    for _ in range(own.ndim(array)):
        flat = [element for row in flat for element in row]
    if dtype.kind == RECORDS:
        flat = [field for record in flat for field in record]
    return flat


def name_element(path: Sequence[object]) -> Named | None:
    """The reference from an array of objects: its number, counted row by row."""
    holder, child = path[0], path[1]
    if not inherits(type(holder), fields().cls):
        return None
    for index, element in enumerate(elements(holder)):
        if element is child:
            return Named(f"[{index}]" if is_flat(holder) else f".flat[{index}]", ANY_ELEMENT)
    return None


def is_flat(array: Any) -> bool:
    """Whether the array has one dimension, and no fields."""
    own = fields()
    return own.ndim(array) == 1 and bool(own.dtype(array).kind == OBJECTS)


class _Holder:
    __slots__ = ("base",)

    base: object


def _references_of_a_sole_base() -> int:
    holder = _Holder()
    holder.base = [object()]
    own: Any = class_attributes(_Holder)
    base = own["base"].__get__(holder)
    return getrefcount(base)


ALONE = _references_of_a_sole_base()
"""What `getrefcount(base)` says of an object that only one other holds, calibrated."""


def size_with_base(view: object) -> SharedSize:
    """Bytes of an array, and those of the array whose memory it shows.

    An array counts the memory that it owns. A view does not count what it looks at, though often
    nothing but views holds that: slices of a temporary array, or the transposed block of a data
    frame.
    """
    own = fields()
    size, shown, found = shallow_size(view), own.nbytes(view), []
    while inherits(type(view), own.cls):
        base = own.base(view)
        if base is None:
            break
        # One reference is the view's; `view` is the first one's holder no longer.
        holders = getrefcount(base) - ALONE + 1
        found.append(Buffer(id(base), shallow_size(base), holders, shown=shown))
        if holders > 1:
            break
        view = base
    return SharedSize(size, found)
