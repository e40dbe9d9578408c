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
from weakrefs.finalizers import finalize
from weakrefs.identity_dictionary import WeakIdKeyDictionary
from weakrefs.identity_set import WeakIdSet
from weakrefs.key_dictionary import WeakKeyDictionary
from weakrefs.methods import WeakMethod
from weakrefs.references import KeyedRef, ProxyTypes, ReferenceError
from weakrefs.value_dictionary import WeakValueDictionary
from weakrefs.weak_set import WeakSet
from weakrefs.weakrefable import is_weakrefable, why_not

__all__ = [
    "CallableProxyType",
    "KeyedRef",
    "ProxyType",
    "ProxyTypes",
    "ReferenceError",
    "ReferenceType",
    "WeakIdKeyDictionary",
    "WeakIdSet",
    "WeakKeyDictionary",
    "WeakMethod",
    "WeakSet",
    "WeakValueDictionary",
    "finalize",
    "getweakrefcount",
    "getweakrefs",
    "is_weakrefable",
    "proxy",
    "ref",
    "why_not",
]
