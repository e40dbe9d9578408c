"""Things kept on an object itself, for as long as it lives: the ground under `EphemeronDictionary`.

What a live mapping holds for a key is held by the mapping, whatever the key says: the collector
sees an edge from the mapping to the value, so a value that reaches its key keeps both. Only what
hangs on the key itself goes with the key. So it hangs there, in one attribute.
"""

from threading import RLock
from typing import Any

from weakrefs._primitives import ref
from weakrefs.key_dictionary import WeakKeyDictionary
from weakrefs.references import DEAD
from weakrefs.weakrefable import type_name

__all__ = ["ATTRIBUTE", "Attachments", "Token", "attach", "attached"]

ATTRIBUTE = "_weakrefs_attachments"

# Only for making the attribute, never in a callback. Reentrant, since a `__del__` may run
# meanwhile and attach something too.
_making = RLock()


class Token:
    """Stands for whoever attaches something; when it dies, so does what it attached."""

    __slots__ = ("__weakref__",)


class Attachments:
    """What hangs on one object: a value for each token.

    It names its object, since the attribute wanders: `copy.copy` hands it to the copy, and an
    instance finds the one of its class. For anybody else it does not count. A copy of it, or one
    out of a pickle, is empty.
    """

    __slots__ = ("owner", "values")
    owner: ref[Any]
    values: WeakKeyDictionary[Token, Any]

    def __init__(self, owner: ref[Any] = DEAD) -> None:
        self.owner = owner
        self.values = WeakKeyDictionary()

    def __reduce__(self) -> tuple[type, tuple[()]]:
        return Attachments, ()


def attached(obj: object) -> Attachments | None:
    """Return what hangs on `obj`, or None. No code of `obj` is run."""
    try:
        found = object.__getattribute__(obj, ATTRIBUTE)
    except AttributeError:
        return None
    return found if type(found) is Attachments and found.owner() is obj else None


def attach(obj: object) -> Attachments:
    """Return what hangs on `obj`, beginning with nothing.

    Raises:
        TypeError: `obj` has no place for an attribute; the message names the remedy.
    """
    found = attached(obj)
    if found is not None:
        return found
    with _making:
        found = attached(obj)
        return _make(obj) if found is None else found


def _make(obj: object) -> Attachments:
    set_attribute: Any = type.__setattr__ if issubclass(type(obj), type) else object.__setattr__
    try:
        new = Attachments(ref(obj))
        set_attribute(obj, ATTRIBUTE, new)
    except (AttributeError, TypeError):
        raise TypeError(_no_place(type(obj))) from None
    return new


def _no_place(cls: type) -> str:
    return (
        f"nothing can be attached to {type_name(cls)}: its instances have no __dict__, or cannot "
        f'be weakly referenced. Add "__weakref__" and "{ATTRIBUTE}" to its __slots__, or use '
        "WeakIdKeyDictionary if no value reaches its own key."
    )
