"""torch's tensors: the bytes of their storage, which views share.

PYTEST_DONT_REWRITE: imported before pytest or after, this package is the same.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from leakwatch import hookimpl
from leakwatch.extending import Buffer, OfClass, SharedSize, Size, class_of, shallow_size

__all__ = ["leakwatch_sizeof"]

WITHOUT_MEMORY = "meta"
"""The kind of device on which tensors have a shape only."""


@hookimpl
def leakwatch_sizeof() -> Iterable[OfClass[Size]]:
    """Tensors, with the storage of each and of its gradient; what the graph saved is not seen."""
    return [OfClass("torch", "Tensor", size_with_storage)]


def size_with_storage(tensor: object) -> SharedSize:
    """Bytes of a tensor, and of the storage that it shows, in the process or on a device."""
    base: Any = class_of("torch._C", "TensorBase")
    plainly: Any = class_of("torch._C", "DisableTorchFunctionSubclass")
    # A subclass may have code of its own for whatever is asked of its tensors.
    with plainly():
        return SharedSize(shallow_size(tensor), list(storages(tensor, base)))


def storages(tensor: object, base: Any) -> Iterator[Buffer]:
    """The storage of a tensor, and that of its gradient; none of a sparse or a wrapping one."""
    for found in (tensor, base._grad.__get__(tensor)):
        if found is None:
            continue
        try:
            storage = base.untyped_storage(found)
        except (NotImplementedError, RuntimeError):
            continue
        kind = storage.device.type
        if kind != WITHOUT_MEMORY:
            # Its users are not told: tensors that the graph saved in C++ count among them.
            yield Buffer(storage._cdata, storage.nbytes(), on_device=kind != "cpu")
