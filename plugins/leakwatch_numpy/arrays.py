"""What an array holds, and how much of it.

Arrays are asked through numpy's own descriptors, since a subclass may override the names. They
copy references and run no code of the program.
"""

from collections.abc import Sequence
from sys import getrefcount
from typing import Any

from leakwatch.extending import Named, c_field, class_attributes, class_of, inherits, shallow_size

OBJECTS = "O"
RECORDS = "V"
"""`dtype.kind` of an array of objects, and of one of records that may have such fields."""
ANY_ELEMENT = "[*]"


def array_type() -> Any:
    """numpy's array, or None while numpy is not loaded."""
    return class_of("numpy", "ndarray")


def elements(array: Any) -> list[object]:
    """The objects in an array, row by row; empty for any other array."""
    own: Any = class_attributes(array_type())
    dtype = own["dtype"].__get__(array)
    if not dtype.hasobject or dtype.kind not in {OBJECTS, RECORDS}:
        return []
    flat = [own["tolist"](array)]
    for _ in range(own["ndim"].__get__(array)):
        flat = [element for row in flat for element in row]
    if dtype.kind == RECORDS:
        flat = [field for record in flat for field in record]
    return flat


def name_element(path: Sequence[object]) -> Named | None:
    """The reference from an array of objects: its number, counted row by row."""
    holder, child = path[0], path[1]
    array = array_type()
    if array is None or not inherits(type(holder), array):
        return None
    for index, element in enumerate(elements(holder)):
        if element is child:
            return Named(f"[{index}]" if is_flat(holder) else f".flat[{index}]", ANY_ELEMENT)
    return None


def is_flat(array: Any) -> bool:
    """Whether the array has one dimension, and no fields."""
    own: Any = class_attributes(array_type())
    return bool(own["ndim"].__get__(array) == 1 and own["dtype"].__get__(array).kind == OBJECTS)


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


def size_with_base(view: object) -> int:
    """Bytes of an array, with those of the arrays that only it, or a view behind it, refers to."""
    total = shallow_size(view)
    array = array_type()
    while array is not None and inherits(type(view), array):
        base = c_field(view, array, "base")
        # One reference is the view's; `view` is the first one's holder no longer.
        if base is None or getrefcount(base) > ALONE:
            break
        total += shallow_size(base)
        view = base
    return total
