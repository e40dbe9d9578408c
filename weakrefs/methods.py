"""`WeakMethod`: a weak reference to a bound method, which itself dies the moment it was made."""

from collections.abc import Callable
from typing import Any, TypeVar

from weakrefs.core import MethodOperations

__all__ = ["WeakMethod"]

M = TypeVar("M", bound=Callable[..., Any])


class WeakMethod(MethodOperations[M]):
    """A weak reference to a bound method: dead when its object dies, or its function.

    Arguments:
        meth: a bound method: of a Python class, compiled, or builtin such as ``deque.append``.
        callback: called once with the dead `WeakMethod`, or None. It is not called if the
            `WeakMethod` itself has gone or is being collected together with its object.

    Raises:
        TypeError: `meth` is not a bound method, or its object cannot be weakly referenced.

    Warns:
        RuntimeWarning: `callback` holds the same object, which so never dies, or can never see it.

    Calling it returns the bound method again, or None. Two of them are equal if both are alive
    and refer to the same function of equal objects; a dead one equals only itself. The hash is
    that of the object.
    """

    __slots__ = ("__weakref__",)
