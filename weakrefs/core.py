"""Which hot operations the weak containers use: chosen once, here, and it can be asked.

>>> from weakrefs import core
>>> core.IMPLEMENTATION in ("native", "pure")
True

The Python files are the definition of correct. The native ones take their place where they were
compiled; `LEAKWATCH_PURE=1` in the environment turns them off.
"""

import os
from importlib import import_module
from typing import TYPE_CHECKING, TypeVar

__all__ = ["IMPLEMENTATION", "KeyOperations", "SetOperations", "ValueOperations", "hot"]

K = TypeVar("K")
V = TypeVar("V")
T = TypeVar("T")
C = TypeVar("C", bound=type)


def _chosen() -> str:
    if os.environ.get("LEAKWATCH_PURE", "") not in {"", "0"}:
        return "pure"
    try:
        import_module("weakrefs._native")
    except ImportError:  # no compiler when this was installed
        return "pure"
    return "native"


IMPLEMENTATION = _chosen()


def hot(cls: C) -> C:
    """Return `cls`, a container on one of the bases below, after making its calls fast."""
    if IMPLEMENTATION == "native":
        import_module("weakrefs._native").own_methods(cls)
    return cls


if TYPE_CHECKING or IMPLEMENTATION == "pure":
    from weakrefs.key_operations import KeyOperations
    from weakrefs.set_operations import SetOperations
    from weakrefs.value_operations import ValueOperations
else:
    from collections.abc import MutableSet

    from weakrefs import _native
    from weakrefs.weak_mapping import WeakMapping

    class ValueOperations(_native.ValueOperations, WeakMapping[K, V]):
        """The native twin of the class in `weakrefs.value_operations`."""

    class KeyOperations(_native.KeyOperations, WeakMapping[K, V]):
        """The native twin of the class in `weakrefs.key_operations`."""

    class SetOperations(_native.SetOperations, MutableSet[T]):
        """The native twin of the class in `weakrefs.set_operations`."""
