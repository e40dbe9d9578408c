"""What belongs to the interpreter: reference and proxy objects, and one atomic deletion.

They are taken from ``_weakref`` and nowhere else, because no Python code can stand in for them:

* a reference is entered in a list inside its referent, and cleared by the collector itself;
* a plain ``ref(obj)`` or ``proxy(obj)`` is shared between all who ask for it, and counted by
  `getweakrefcount`; a proxy written in Python would be neither;
* ``_remove_dead_weakref(mapping, key)`` deletes an entry only if its reference is dead, in one
  step. In Python that takes two steps or a lock, and a lock deadlocks in a callback that
  interrupts its own holder.

The standard module `weakref` is not imported: its containers are what this package replaces.
"""

from _weakref import (  # type: ignore[attr-defined]  # the stubs leave out the private name
    CallableProxyType,
    ProxyType,
    ReferenceType,
    _remove_dead_weakref,
    getweakrefcount,
    getweakrefs,
    proxy,
    ref,
)

__all__ = [
    "CallableProxyType",
    "ProxyType",
    "ReferenceType",
    "_remove_dead_weakref",
    "getweakrefcount",
    "getweakrefs",
    "proxy",
    "ref",
]
