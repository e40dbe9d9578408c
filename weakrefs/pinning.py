"""Does a callback hold the very object whose death it waits for?"""

from collections.abc import Mapping, Sequence
from functools import partial
from types import BuiltinMethodType, MethodType
from typing import Any
from warnings import warn

from weakrefs.weakrefable import type_name

__all__ = ["pins", "warn_of_pin"]


def pins(
    obj: object, func: Any, args: Sequence[Any] = (), kwargs: Mapping[str, Any] | None = None
) -> bool:
    """Return whether ``func(*args, **kwargs)`` holds `obj` by a direct reference.

    That is: `func` is a method of it, or it is an argument, or a partial of such a call. Asked by
    identity and exact type, so no code of theirs is run.
    """
    kind = type(func)
    if kind is MethodType or kind is BuiltinMethodType:
        if func.__self__ is obj:
            return True
    elif kind is partial and pins(obj, func.func, func.args, func.keywords):
        return True
    # No generator for the usual empty arguments: this is on the way of every finalizer.
    for arg in args:
        if arg is obj:
            return True
    return any(value is obj for value in kwargs.values()) if kwargs else False


def warn_of_pin(waiting: str, obj: object) -> None:
    """Warn the caller of our caller that `obj` can never die.

    Arguments:
        waiting: what waits for the death, such as "this finalizer".
        obj: what it waits for; only its type is looked at.
    """
    message = (
        f"{waiting} of a {type_name(type(obj))} holds that object itself, by its function or an "
        "argument: so the object never dies. Use a function that needs only what is to be "
        "cleaned up."
    )
    warn(message, RuntimeWarning, stacklevel=3)
