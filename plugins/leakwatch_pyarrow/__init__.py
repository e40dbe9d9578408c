"""pyarrow's arrays and tables: the bytes of their buffers, which slices and columns share.

PYTEST_DONT_REWRITE: imported before pytest or after, this package is the same.
"""

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any

from leakwatch import hookimpl
from leakwatch.extending import (
    Buffer,
    OfClass,
    SharedSize,
    Size,
    c_field,
    class_attributes,
    class_of,
    shallow_size,
)

__all__ = ["leakwatch_sizeof"]

MODULE = "pyarrow.lib"


@hookimpl
def leakwatch_sizeof() -> Iterable[OfClass[Size]]:
    """Arrays, columns of several arrays, tables and record batches."""
    return [OfClass(MODULE, name, partial(size_with_buffers, arrays)) for name, arrays in ARRAYS]


def size_with_buffers(arrays: Callable[[object], Iterable[object]], subject: object) -> SharedSize:
    """Bytes of what has arrays, and of the buffers behind them; a slice keeps the whole buffer."""
    return SharedSize(shallow_size(subject), list(buffers(arrays(subject))))


def buffers(arrays: Iterable[object]) -> Iterator[Buffer]:
    """The buffers of arrays, each once."""
    array: Any = class_of(MODULE, "Array")
    cls: Any = class_of(MODULE, "Buffer")
    of_array: Any = class_attributes(array)["buffers"]
    found = {}
    for part in arrays:
        for buffer in filter(None, of_array(part)):
            address, size = (c_field(buffer, cls, name) for name in ("address", "size"))
            found[address] = Buffer(address, size, on_device=not c_field(buffer, cls, "is_cpu"))
    yield from found.values()


def itself(array: object) -> Iterable[object]:
    """An array is its only one."""
    return (array,)


def chunks(column: object) -> Iterable[object]:
    """The arrays of a column."""
    cls: Any = class_of(MODULE, "ChunkedArray")
    found: Iterable[object] = c_field(column, cls, "chunks")
    return found


def of_columns(table: object) -> Iterator[object]:
    """The arrays of all columns; those of a record batch are arrays themselves."""
    cls: Any = class_of(MODULE, "_Tabular")
    chunked = class_of(MODULE, "ChunkedArray")
    for column in c_field(table, cls, "columns"):
        yield from chunks(column) if type(column) is chunked else itself(column)


ARRAYS = (("Array", itself), ("ChunkedArray", chunks), ("_Tabular", of_columns))
"""Classes that have buffers, each with the function that gives the arrays of an instance."""
