"""Does a callback hold the very object whose death it waits for, or expect to see it?"""

import sys
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from gc import get_referents
from types import BuiltinMethodType, FunctionType, MethodType
from typing import Any
from warnings import warn

from weakrefs._primitives import CallableProxyType, ProxyType, ReferenceType, getweakrefs
from weakrefs.weakrefable import type_name

__all__ = ["is_blind", "pins", "warn_if_futile"]

_WEAK = (ReferenceType, ProxyType, CallableProxyType)
_PINS = (
    "holds that object itself, by its function or an argument: so the object never dies. Use a "
    "function that needs only what is to be cleaned up."
)
_IS_BLIND = (
    "is given only a weak reference to that object, which is dead when the object has died. Hand "
    "over what is to be cleaned up."
)


def warn_if_futile(
    waiting: str,
    obj: object,
    func: Any,
    args: Sequence[Any] = (),
    kwargs: Mapping[str, Any] | None = None,
) -> None:
    """Warn whoever called this package if `obj` can never die, or if the call can never see it.

    Arguments:
        waiting: what waits for the death, such as "this finalizer".
        obj: what it waits for; only its type is looked at.
        func: what is called then.
        args: with these arguments,
        kwargs: and these.
    """
    if pins(obj, func, args, kwargs):
        fault = _PINS
    elif is_blind(obj, func, args, kwargs):
        fault = _IS_BLIND
    else:
        return
    warn(f"{waiting} of a {type_name(type(obj))} {fault}", RuntimeWarning, stacklevel=_outside())


def _outside() -> int:
    """The `stacklevel`, for our caller, of the nearest frame that is not of this package.

    It differs between the builds: what is written in C has no frame.
    """
    frame, level = sys._getframe(1), 1
    while frame.f_back is not None and frame.f_globals.get("__name__", "").startswith("weakrefs."):
        frame, level = frame.f_back, level + 1
    return level


def pins(
    obj: object, func: Any, args: Sequence[Any] = (), kwargs: Mapping[str, Any] | None = None
) -> bool:
    """Return whether ``func(*args, **kwargs)`` holds `obj` by a direct reference.

    That is: `func` is a method of it, or has it in a closure or a default, or it is an argument,
    or a partial of such a call. Asked by identity and exact type, so no code of theirs is run.
    A variable of a closure counts by what it holds now.
    """
    kind = type(func)
    if kind is MethodType or kind is BuiltinMethodType:
        if func.__self__ is obj:
            return True
    elif kind is FunctionType:
        if any(held is obj for held in _held_by(func)):
            return True
    elif kind is partial and pins(obj, func.func, func.args, func.keywords):
        return True
    # No generator for the usual empty arguments: this is on the way of every finalizer.
    for arg in args:
        if arg is obj:
            return True
    return any(value is obj for value in kwargs.values()) if kwargs else False


def is_blind(
    obj: object, func: Any, args: Sequence[Any] = (), kwargs: Mapping[str, Any] | None = None
) -> bool:
    """Return whether ``func(*args, **kwargs)`` is given a weak reference to `obj`, or a proxy.

    A builtin method may well take the dead reference itself, as in ``finalize(x, d.pop, ref(x))``,
    so it is not asked what it is given.
    """
    kind = type(func)
    if kind is BuiltinMethodType:
        return False
    if kind is partial:
        return is_blind(obj, func.func, (*func.args, *args), {**func.keywords, **(kwargs or {})})
    held = _held_by(func) if kind is FunctionType else get_referents(func)
    given = (func, *held, *args, *(kwargs or {}).values())
    weak = [one for one in given if issubclass(type(one), _WEAK)]
    return any(one is known for known in getweakrefs(obj) for one in weak) if weak else False


def _held_by(func: FunctionType) -> Iterator[Any]:
    for cell in func.__closure__ or ():
        try:
            yield cell.cell_contents
        except ValueError:  # a variable that has no value yet
            continue
    yield from func.__defaults__ or ()
    yield from (func.__kwdefaults__ or {}).values()
