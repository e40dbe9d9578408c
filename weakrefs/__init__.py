"""Weak references: the whole standard `weakref`, and what it lacks.

A drop-in for the standard module: ``import weakrefs as weakref``. The containers are imported
when they are first used: all of them take longer than most programs have to spare.

PYTEST_DONT_REWRITE: imported before pytest or after, this package is the same.
"""

# `signal` would cost a program that uses none a millisecond.
import _signal  # type: ignore[import-not-found]
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

from weakrefs._primitives import (
    CallableProxyType,
    ProxyType,
    ReferenceType,
    getweakrefcount,
    getweakrefs,
    proxy,
    ref,
)
from weakrefs._primitives import _remove_dead_weakref as _remove_dead_weakref
from weakrefs.references import KeyedRef, ProxyTypes, ReferenceError
from weakrefs.weakrefable import is_weakrefable, why_not

if TYPE_CHECKING:
    from weakrefs.cached_methods import weak_cached_method
    from weakrefs.callbacks import WeakCallback, weak_callback
    from weakrefs.default_dictionary import WeakDefaultDictionary
    from weakrefs.ephemerons import EphemeronDictionary
    from weakrefs.finalizers import finalize
    from weakrefs.identity_dictionary import WeakIdKeyDictionary
    from weakrefs.identity_set import WeakIdSet
    from weakrefs.key_dictionary import WeakKeyDictionary
    from weakrefs.methods import WeakMethod
    from weakrefs.ordered_set import WeakOrderedSet
    from weakrefs.pair_dictionary import WeakKeyValueDictionary
    from weakrefs.registry import WeakRegistry
    from weakrefs.value_dictionary import WeakValueDictionary
    from weakrefs.weak_cache import weak_lru_cache
    from weakrefs.weak_list import WeakList
    from weakrefs.weak_set import WeakSet

__all__ = [
    "CallableProxyType",
    "EphemeronDictionary",
    "KeyedRef",
    "ProxyType",
    "ProxyTypes",
    "ReferenceError",
    "ReferenceType",
    "WeakCallback",
    "WeakDefaultDictionary",
    "WeakIdKeyDictionary",
    "WeakIdSet",
    "WeakKeyDictionary",
    "WeakKeyValueDictionary",
    "WeakList",
    "WeakMethod",
    "WeakOrderedSet",
    "WeakRegistry",
    "WeakSet",
    "WeakValueDictionary",
    "finalize",
    "getweakrefcount",
    "getweakrefs",
    "is_weakrefable",
    "proxy",
    "ref",
    "weak_cached_method",
    "weak_callback",
    "weak_lru_cache",
    "why_not",
]

HOMES = {
    "weak_cached_method": "cached_methods",
    "WeakCallback": "callbacks",
    "weak_callback": "callbacks",
    "WeakDefaultDictionary": "default_dictionary",
    "EphemeronDictionary": "ephemerons",
    "finalize": "finalizers",
    "WeakIdKeyDictionary": "identity_dictionary",
    "WeakIdSet": "identity_set",
    "WeakKeyDictionary": "key_dictionary",
    "WeakMethod": "methods",
    "WeakOrderedSet": "ordered_set",
    "WeakKeyValueDictionary": "pair_dictionary",
    "WeakRegistry": "registry",
    "WeakValueDictionary": "value_dictionary",
    "weak_lru_cache": "weak_cache",
    "WeakList": "weak_list",
    "WeakSet": "weak_set",
}
"""Module of each name that is imported when it is first asked for."""


def _imported(home: str) -> ModuleType:
    # A signal handler that asks for a name meanwhile, on the same thread, would get half a module.
    if not hasattr(_signal, "pthread_sigmask"):  # Windows
        return import_module(f"weakrefs.{home}")
    before = _signal.pthread_sigmask(_signal.SIG_BLOCK, _signal.valid_signals())
    try:
        return import_module(f"weakrefs.{home}")
    finally:
        _signal.pthread_sigmask(_signal.SIG_SETMASK, before)


def __getattr__(name: str) -> Any:
    if name not in HOMES:
        raise AttributeError(f"module 'weakrefs' has no attribute {name!r}")
    found = getattr(_imported(HOMES[name]), name)
    # Two threads may both come here; the import gives both the same object.
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
