"""Looking at objects and classes without running a line of the program's code.

Every function here reaches past overridden attributes: through `type`'s and the builtin
bases' own descriptors, or by exact type. None calls `getattr`, `isinstance` or `repr` on
an object of the program.
"""

import sys
from collections.abc import Callable, Iterable, Mapping
from types import (
    GetSetDescriptorType,
    MappingProxyType,
    MemberDescriptorType,
    MethodDescriptorType,
    ModuleType,
)
from typing import cast

from leakwatch.interpreter import get_referents

_mro_of = type.__dict__["__mro__"].__get__
_dict_of = type.__dict__["__dict__"].__get__
_module_of = type.__dict__["__module__"].__get__
_qualname_of = type.__dict__["__qualname__"].__get__
_name_of = type.__dict__["__name__"].__get__
_flags_of = type.__dict__["__flags__"].__get__
_namespace_of = type.__getattribute__(ModuleType, "__dict__")["__dict__"].__get__

DESCRIPTORS = frozenset(map(id, (GetSetDescriptorType, MemberDescriptorType)))
"""How C types give access to a field, the dict of an instance for one; no code of Python."""
Descriptor = GetSetDescriptorType | MemberDescriptorType


class _Plain:
    pass


OF_CLASS_STATEMENT = _Plain.__dict__["__dict__"].__doc__
"""How the `__dict__` is described that a class statement gives to its instances."""
HEAP_TYPE = 1 << 9
HAVE_GC = 1 << 14
PRE_HEADER = 0b11 << 3
"""Instances have a dict or a list of weak references that lies in front of them (3.11+)."""
HEADER = 16
"""Bytes in front of an object for the collector, and as many again for a pre-header."""


def mro(cls: type) -> tuple[type, ...]:
    """The method resolution order, past any metaclass."""
    return cast(tuple[type, ...], _mro_of(cls))


def class_namespace(cls: type) -> dict[str, object]:
    """The dict behind a class's `__dict__` proxy, also of static types.

    The collector does not traverse static types; their dict is reachable only so.
    """
    return cast(dict[str, object], get_referents(_dict_of(cls))[0])


def class_attributes(cls: type) -> Mapping[str, object]:
    """The class's own attributes, read-only."""
    return cast(MappingProxyType[str, object], _dict_of(cls))


def module_namespace(module: ModuleType) -> dict[str, object]:
    """A module's dict, past any `__getattribute__` of a lazy module class."""
    return cast(dict[str, object], _namespace_of(module))


def inherits(cls: type, base: type) -> bool:
    """Whether a class has a base, by identity: `in` and a set would ask its metaclass."""
    for found in mro(cls):  # noqa: SIM110 - any() takes three times as long
        if found is base:
            return True
    return False


def identities(types: Iterable[type]) -> frozenset[int]:
    """Types as a set of their ids, for `is_exactly`; only for types that are never freed."""
    return frozenset(map(id, types))


def is_exactly(suspect: object, types: frozenset[int]) -> bool:
    """Whether the object's own type is one of these, without asking its metaclass."""
    return id(type(suspect)) in types


def is_class(suspect: object) -> bool:
    """Whether the object is a class, without `isinstance`."""
    return inherits(type(suspect), type)


def is_module(suspect: object) -> bool:
    """Whether the object is a module, without `isinstance`."""
    return inherits(type(suspect), ModuleType)


def is_heap_type(cls: type) -> bool:
    """Whether the class was made at run time (a class statement or `PyType_FromSpec`)."""
    return bool(_flags_of(cls) & HEAP_TYPE)


def participates_in_gc(cls: type) -> bool:
    """Whether instances of the class can be traversed by the collector."""
    return bool(_flags_of(cls) & HAVE_GC)


def has_pre_header(cls: type) -> bool:
    """Whether instances have a dict or weak references in front of what `__sizeof__` counts."""
    return bool(_flags_of(cls) & PRE_HEADER)


def type_name(cls: type) -> str:
    """`module.qualname`, without the module for builtins."""
    module, qualname = module_name(cls), qualified_name(cls)
    return f"{module}.{qualname}" if module not in {"", "builtins"} else qualname


def full_type_name(cls: type) -> str:
    """`module.qualname`, also for builtins."""
    name = type_name(cls)
    return name if "." in name else f"builtins.{name}"


def module_name(cls: type) -> str:
    """Name of the module that a class says it was defined in; empty if it says nothing."""
    module = _module_of(cls)
    return module if type(module) is str else ""


def qualified_name(cls: type) -> str:
    """The class's `__qualname__`."""
    return str.__str__(_qualname_of(cls))


def class_name(cls: type) -> str:
    """The class's `__name__`, past any metaclass."""
    return str.__str__(_name_of(cls))


def instance_namespace(holder: object) -> dict[str, object] | None:
    """An instance's `__dict__` through the type's own descriptor, or None without one.

    On CPython 3.11+ this materialises a dict for inline attributes, so it is for the few
    objects of a reported path only. A `__dict__` that the program defines as a property
    is not called, nor one of an extension module, which may ask whatever it likes: that of
    a proxy of wrapt asks the wrapped object, and a lazy proxy makes it first.
    """
    for cls in mro(type(holder)):
        descriptor = class_attributes(cls).get("__dict__")
        if is_exactly(descriptor, DESCRIPTORS) and _is_plain(cast(Descriptor, descriptor)):
            found = descriptor.__get__(holder)  # type: ignore[attr-defined]
            return found if type(found) is dict else None
        if descriptor is not None:
            return None
    return None


def _is_plain(descriptor: Descriptor) -> bool:
    """Whether reading a `__dict__` runs the interpreter's own code only."""
    if type(descriptor) is MemberDescriptorType or descriptor.__doc__ == OF_CLASS_STATEMENT:
        return True
    return module_name(descriptor.__objclass__).partition(".")[0] in sys.stdlib_module_names


def shallow_size(subject: object) -> int:
    """Bytes of the object itself, as `sys.getsizeof` would say if it ran no user code."""
    sizeof, header = sizeof_of(type(subject))
    return sizeof(subject) + header


def sizeof_of(cls: type) -> tuple[Callable[[object], int], int]:
    """The `__sizeof__` of a class's nearest builtin base, and the bytes of its headers.

    A `__sizeof__` written in Python is user code and is passed over.
    """
    header = HEADER * (participates_in_gc(cls) + has_pre_header(cls))
    for base in mro(cls):
        sizeof = class_attributes(base).get("__sizeof__")
        if type(sizeof) is MethodDescriptorType:
            return sizeof, header
    return (lambda _: 0), header
