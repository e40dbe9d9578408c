"""Weak references: the whole standard `weakref`, and what it lacks.

A drop-in for the standard module: ``import weakrefs as weakref``.
"""

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
from weakrefs.references import KeyedRef, ProxyTypes, ReferenceError
from weakrefs.registry import WeakRegistry
from weakrefs.value_dictionary import WeakValueDictionary
from weakrefs.weak_cache import weak_lru_cache
from weakrefs.weak_list import WeakList
from weakrefs.weak_set import WeakSet
from weakrefs.weakrefable import is_weakrefable, why_not

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
