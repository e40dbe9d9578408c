"""Objects and classes that record every question put to them, and then raise.

They behave until they are armed, so that they can be made and put in place.
"""

from collections.abc import Callable
from types import FunctionType, MethodDescriptorType, WrapperDescriptorType
from typing import Any

ASKED: list[str] = []
"""What was called while the traps were armed."""
_armed = [False]

METHODS = (
    "__bool__",
    "__bytes__",
    "__call__",
    "__contains__",
    "__delattr__",
    "__dir__",
    "__eq__",
    "__format__",
    "__ge__",
    "__get__",
    "__getattr__",
    "__getattribute__",
    "__getitem__",
    "__gt__",
    "__hash__",
    "__index__",
    "__instancecheck__",
    "__int__",
    "__iter__",
    "__le__",
    "__len__",
    "__lt__",
    "__ne__",
    "__next__",
    "__reduce__",
    "__reduce_ex__",
    "__repr__",
    "__setattr__",
    "__sizeof__",
    "__str__",
    "__subclasscheck__",
    "__subclasses__",
)


MAKE = ("__new__", "__init__", "__del__", "__post_init__", "mro")
"""What makes and ends an object."""


def trapped_methods(usual: type) -> dict[str, Any]:
    """Every method as a trap that does what `usual` does until it is armed."""
    traps: dict[str, Any] = {name: trap(name, getattr(usual, name, None)) for name in METHODS}
    traps["__class__"] = property(trap("__class__", type))
    return traps


def every_method(usual: type) -> dict[str, Any]:
    """The same with the other methods of `usual`, but for those that make an object."""
    found = {
        name: value
        for base in reversed(type.mro(usual)[:-1])
        for name, value in vars(base).items()
        if isinstance(value, FunctionType | WrapperDescriptorType | MethodDescriptorType)
    }
    traps = {name: trap(name, value) for name, value in found.items() if name not in MAKE}
    return {**traps, **trapped_methods(usual)}


def trap(name: str, usual: Callable[..., Any] | None) -> Callable[..., Any]:
    def trapped(*arguments: Any, **options: Any) -> Any:
        if _armed[0]:
            ASKED.append(name)
            raise RuntimeError(f"{name} was called")
        if usual is None:
            raise AttributeError(name)
        return usual(*arguments, **options)

    return trapped


def arm() -> None:
    """From here on every question is recorded and answered with an exception."""
    ASKED.clear()
    _armed[0] = True


def disarm() -> None:
    """The traps behave again."""
    _armed[0] = False


Meta = type("Meta", (type,), trapped_methods(type))
"""A hostile class of classes."""


class Hostile:
    """Raises whatever it is asked."""

    locals().update(trapped_methods(object))


class HostileClass(metaclass=Meta):
    """An object like any other, of a class that raises whatever it is asked."""


class HostileNamespace:
    """Has no honest `__dict__`."""

    __dict__ = property(trap("__dict__", vars))  # type: ignore[assignment]
    locals().update(trapped_methods(object))
