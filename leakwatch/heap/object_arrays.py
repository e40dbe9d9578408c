"""numpy's arrays of objects, which the collector does not know.

An array of objects takes no part in garbage collection: it is on nobody's list, and what it
holds has one reference more than Python can explain. numpy itself can be asked.
"""

from typing import Any

from leakwatch.heap.fields import class_attributes
from leakwatch.heap.objects import class_of

OBJECTS = "O"
RECORDS = "V"
"""`dtype.kind` of an array of objects, and of one of records that may have such fields."""


def array_type() -> Any:
    """numpy's array, or None while numpy is not loaded."""
    return class_of("numpy", "ndarray")


def elements(array: Any) -> list[object]:
    """The objects in an array, row by row; empty for any other array.

    Asked through numpy's own descriptors, since a subclass may override the names. They copy
    references and run no code of the program.
    """
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
