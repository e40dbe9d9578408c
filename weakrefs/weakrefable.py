"""Can this object be weakly referenced, and if not, what to do about it.

Nothing here runs code of the object or of its class: everything is read from the type, through
the descriptors of `type` itself, so that a metaclass with opinions is not asked.
"""

from collections.abc import Callable, Mapping
from typing import Any

__all__ = ["check", "is_weakrefable", "type_name", "why_not"]

_HEAP_TYPE = 1 << 9
_BASE_TYPE = 1 << 10
_STRING = 1 << 28


def _reader(name: str) -> Callable[[type], Any]:
    descriptor: Any = type.__dict__[name]
    return descriptor.__get__  # type: ignore[no-any-return]


_flags = _reader("__flags__")
_item_size = _reader("__itemsize__")
_module = _reader("__module__")
_mro = _reader("__mro__")
_namespace: Callable[[type], Mapping[str, object]] = _reader("__dict__")
_qualname = _reader("__qualname__")
_weakref_offset = _reader("__weakrefoffset__")

# Marks left on a class by the library that gave it slots, and that library's own remedy.
_SLOT_MAKERS = (
    ("__dataclass_fields__", "Declare it with @dataclass(slots=True, weakref_slot=True)."),
    ("__attrs_attrs__", "Declare it with @attrs.define(weakref_slot=True)."),
    ("__struct_fields__", "Declare it with class {short}(msgspec.Struct, weakref=True)."),
)


def is_weakrefable(obj: object) -> bool:
    """Return whether a weak reference to `obj` can be made.

    Arguments:
        obj: any object. None of its code is run.
    """
    return bool(_weakref_offset(type(obj)) != 0)


def why_not(obj: object) -> str | None:
    """Return why `obj` cannot be weakly referenced and what to do, or None if it can.

    Arguments:
        obj: any object. None of its code is run.

    Returns:
        Two plain sentences: the type with the reason, and the remedy.
    """
    if is_weakrefable(obj):
        return None
    cls = type(obj)
    reason, remedy = _explain(cls)
    return f"{type_name(cls)} cannot be weakly referenced: {reason}. {remedy}"


def check(obj: object) -> None:
    """Raise the `TypeError` that names the remedy, if `obj` cannot be weakly referenced.

    To be called once something has failed with a `TypeError`, which may have had other reasons.
    """
    reason = why_not(obj)
    if reason is not None:
        raise TypeError(reason) from None


def type_name(cls: type) -> str:
    """Return ``module.qualname`` of a class, without the module for builtins."""
    module, qualname = _exact(_module_of(cls)), _exact(_qualname(cls))
    return qualname if module in {"", "builtins"} else f"{module}.{qualname}"


def _module_of(cls: type) -> object:
    try:
        return _module(cls)
    except AttributeError:  # made by `type(...)` where `__name__` is no global
        return None


def _exact(name: object) -> str:
    # `join` copies the characters; `str` and `format` are methods that a subclass may override.
    text: Any = name
    return "".join((text,)) if _flags(type(name)) & _STRING else ""  # noqa: FLY002 - see above


def _explain(cls: type) -> tuple[str, str]:
    if not _flags(cls) & _HEAP_TYPE:
        return _explain_builtin(cls)
    if base := _variable_size_base(cls):
        return _explain_variable_size(cls, base)
    if "__slots__" in _namespace(cls):
        return _explain_slots(cls)
    return (
        "its type is written in C without weak reference support",
        "Wrap it in an object of your own class and refer to that.",
    )


def _explain_builtin(cls: type) -> tuple[str, str]:
    name = type_name(cls)
    reason = "the type is built in without weak reference support"
    if not _flags(cls) & _BASE_TYPE or _item_size(cls):
        return reason, "Refer to the object that owns it, or wrap it in an object of your own."
    short = name.rpartition(".")[2].capitalize()
    return reason, f"Use an instance of a subclass: class My{short}({name}): pass."


def _variable_size_base(cls: type) -> type | None:
    # tuple, int, bytes: their items end the object, so no slot can follow (until 3.15, gh-41779).
    builtin_bases = (base for base in _mro(cls) or () if not _flags(base) & _HEAP_TYPE)
    return next((base for base in builtin_bases if _item_size(base)), None)


def _explain_variable_size(cls: type, base: type) -> tuple[str, str]:
    reason = f"instances of subclasses of {type_name(base)} have no room for it"
    if "_fields" in _namespace(cls):
        return reason, "Use @dataclass(frozen=True) in place of the named tuple."
    return reason, f"Hold the {type_name(base)} as an attribute in place of inheriting from it."


def _explain_slots(cls: type) -> tuple[str, str]:
    namespace = _namespace(cls)
    reason = 'its class has __slots__ without "__weakref__"'
    for mark, remedy in _SLOT_MAKERS:
        if mark in namespace:
            return reason, remedy.format(short=_exact(_qualname(cls)).rpartition(".")[2])
    return reason, f'Add "__weakref__" to __slots__ of {type_name(cls)}.'
