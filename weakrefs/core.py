"""Which operations containers, methods and finalizers use: chosen once, here, and it can be asked.

>>> from weakrefs import core
>>> core.IMPLEMENTATION in ("native", "pure")
True

The Python files are the definition of correct. The native ones take their place where they were
compiled; `LEAKWATCH_PURE=1` in the environment turns them off.
"""

import os
from importlib import import_module
from typing import TYPE_CHECKING, Generic, ParamSpec, TypeVar

__all__ = [
    "IMPLEMENTATION",
    "FinalizerOperations",
    "KeyOperations",
    "MethodOperations",
    "SetOperations",
    "ValueOperations",
    "finalizers_made",
    "hot",
    "keep_finalizers",
]

P = ParamSpec("P")
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
    """Return `cls`, which stands on one of the bases below, after making its calls fast."""
    if IMPLEMENTATION == "native":
        import_module("weakrefs._native").own_methods(cls)
    return cls


if TYPE_CHECKING or IMPLEMENTATION == "pure":
    from weakrefs.finalizer_operations import (
        FinalizerOperations,
        finalizers_made,
        keep_finalizers,
    )
    from weakrefs.key_operations import KeyOperations
    from weakrefs.method_operations import MethodOperations
    from weakrefs.set_operations import SetOperations
    from weakrefs.value_operations import ValueOperations
else:
    from collections.abc import MutableSet

    from weakrefs import _native
    from weakrefs._native import MethodOperations, finalizers_made, keep_finalizers
    from weakrefs.weak_mapping import WeakMapping

    class ValueOperations(_native.ValueOperations, WeakMapping[K, V]):
        """The native twin of the class in `weakrefs.value_operations`."""

    class KeyOperations(_native.KeyOperations, WeakMapping[K, V]):
        """The native twin of the class in `weakrefs.key_operations`."""

    class SetOperations(_native.SetOperations, MutableSet[T]):
        """The native twin of the class in `weakrefs.set_operations`."""

    class FinalizerOperations(_native.FinalizerOperations, Generic[P, T]):
        """The native twin of the class in `weakrefs.finalizer_operations`."""

        __slots__ = ()
