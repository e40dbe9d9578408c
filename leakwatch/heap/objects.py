"""Looking at objects and classes without running a line of the program's code.

What is read of them is a field of `leakwatch.heap.fields`, and what holds for all instances of a
class is found out about it once. None of these functions calls
`getattr`, `isinstance` or `repr` on an object of the program.
"""

import sys
import types
from collections.abc import Callable, Iterable
from types import MemberDescriptorType, MethodDescriptorType, ModuleType
from typing import Any, Generic, TypeVar, cast
from weakref import ref

from leakwatch.heap.fields import (
    C_FIELDS,
    CLASS,
    HEAP_TYPE,
    class_attribute,
    class_attributes,
    class_namespace,
    dict_offset,
    entry,
    flags,
    inherits,
    loaded,
    module_name,
    module_namespace,
    mro,
    own_text,
    qualified_name,
    read,
)

__all__ = [
    "HEADER",
    "PerClass",
    "class_attributes",
    "class_name",
    "class_namespace",
    "class_of",
    "full_type_name",
    "has_pre_header",
    "identities",
    "inherits",
    "instance_namespace",
    "is_class",
    "is_exactly",
    "is_heap_type",
    "is_module",
    "module_name",
    "module_namespace",
    "mro",
    "participates_in_gc",
    "qualified_name",
    "shallow_size",
    "sizeof_of",
    "type_name",
]


Answer = TypeVar("Answer")


class _Plain:
    pass


OF_CLASS_STATEMENT = _Plain.__dict__["__dict__"].__doc__
"""How the `__dict__` is described that a class statement gives to its instances."""
HAVE_GC = 1 << 14
PRE_HEADER = 0b11 << 3
"""Instances have a dict or a list of weak references that lies in front of them (3.11+)."""
HEADER = 16
"""Bytes of a pre-header in front of an object."""
GC_HEADER = sys.getsizeof([]) - list.__sizeof__([])
"""Bytes in front of an object for the collector: as many, and none in a free-threaded build."""


class PerClass(Generic[Answer]):
    """A question about classes, answered once for each as long as it lives; keeps none alive.

    Args:
        question: takes a class; its answer holds none.
    """

    __slots__ = ("_known", "_question")

    def __init__(self, question: Callable[[type], Answer]) -> None:
        self._question = question
        self._known: dict[int, tuple[ref[type], Answer]] = {}

    def __call__(self, cls: type) -> Answer:
        """The answer for a class: at an address used twice not that of the class before."""
        known = self._known.get(id(cls))
        if known is None or known[0]() is not cls:
            known = self._known[id(cls)] = (ref(cls), self._question(cls))
        return known[1]


def identities(types: Iterable[type]) -> frozenset[int]:
    """Types as a set of their ids, for `is_exactly`; only for types that are never freed."""
    return frozenset(map(id, types))


def is_exactly(suspect: object, types: frozenset[int]) -> bool:
    """Whether the object's own type is one of these, without asking its metaclass."""
    return id(type(suspect)) in types


def is_class(suspect: object) -> bool:
    """Whether the object is a class, without `isinstance`."""
    return bool(flags(type(suspect)) & CLASS)


def is_module(suspect: object) -> bool:
    """Whether the object is a module, without `isinstance`."""
    return inherits(type(suspect), ModuleType)


def class_of(module: str, name: str) -> type | None:
    """A class of a module, if that is loaded: nothing is imported only to be asked about."""
    found = loaded(module)
    cls = entry(module_namespace(found), name) if is_module(found) else None
    return cls if is_class(cls) else None


def is_heap_type(cls: type) -> bool:
    """Whether the class was made at run time (a class statement or `PyType_FromSpec`)."""
    return bool(flags(cls) & HEAP_TYPE)


def participates_in_gc(cls: type) -> bool:
    """Whether instances of the class can be traversed by the collector."""
    return bool(flags(cls) & HAVE_GC)


def has_pre_header(cls: type) -> bool:
    """Whether instances have a dict or weak references in front of what `__sizeof__` counts."""
    return bool(flags(cls) & PRE_HEADER)


def type_name(cls: type) -> str:
    """`module.qualname`, without the module for builtins."""
    module, qualname = module_name(cls), qualified_name(cls)
    return f"{module}.{qualname}" if module not in {"", "builtins"} else qualname


def full_type_name(cls: type) -> str:
    """`module.qualname`, also for builtins."""
    name = type_name(cls)
    return name if "." in name else f"builtins.{name}"


def class_name(cls: type) -> str:
    """The class's `__name__`, past any metaclass."""
    return qualified_name(cls).rpartition(".")[2]


def instance_namespace(holder: object) -> dict[str, object] | None:
    """An instance's `__dict__` through the type's own descriptor, or None without one.

    On CPython 3.11+ this materialises a dict for inline attributes, so it is for the few
    objects of a reported path only. A `__dict__` that the program defines as a property
    is not called, nor one of an extension module, which may ask whatever it likes: that of
    a proxy of wrapt asks the wrapped object, and a lazy proxy makes it first.
    """
    place = _dict_giver(type(holder))
    if place is None:
        return namespace_without_a_name(holder) if dict_offset(type(holder)) else None
    descriptor = attribute_of_base(type(holder), place, "__dict__")
    if is_exactly(descriptor, C_FIELDS) and _is_plain(descriptor):
        found = read(descriptor, holder)
        return found if type(found) is dict else None
    return None


def attribute_of_base(cls: type, place: int, name: str) -> Any:
    """An attribute of one of a class's bases; a class that was cleared since has fewer of them."""
    return next((class_attribute(base, name) for base in mro(cls)[place : place + 1]), None)


@PerClass
def _dict_giver(cls: type) -> int | None:
    """Which of a class's bases, by its place among them, says how to get a `__dict__`."""
    bases = enumerate(mro(cls))
    return next((at for at, it in bases if class_attribute(it, "__dict__") is not None), None)


def namespace_without_a_name(holder: object) -> dict[str, object] | None:
    """The dict of an instance of a C type that has one and no `__dict__`: a future of asyncio."""
    # As rare as such types are: the import takes 10 ms.
    from ctypes import c_void_p, py_object, pythonapi

    generic = pythonapi["PyObject_GenericGetDict"]
    # By its address: an object as an argument is asked for `_as_parameter_`.
    generic.argtypes, generic.restype = (c_void_p, c_void_p), py_object
    found: object = generic(id(holder), None)
    return cast(dict[str, object], found) if type(found) is dict else None


def _is_plain(descriptor: Any) -> bool:
    """Whether reading a `__dict__` runs the interpreter's own code only."""
    if type(descriptor) is MemberDescriptorType:
        return True
    if own_text(descriptor, "__doc__") == OF_CLASS_STATEMENT:
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
    header = GC_HEADER * participates_in_gc(cls) + HEADER * has_pre_header(cls)
    place = _size_giver(cls)
    sizeof = None if place is None else attribute_of_base(cls, place, "__sizeof__")
    return sizeof if type(sizeof) is MethodDescriptorType else (lambda _: 0), header


@PerClass
def _size_giver(cls: type) -> int | None:
    """Which of a class's bases, by its place among them, has a `__sizeof__` written in C."""
    found = (type(class_attribute(base, "__sizeof__")) for base in mro(cls))
    return next((at for at, kind in enumerate(found) if kind is MethodDescriptorType), None)


ATOMS = identities(
    (
        bool,
        bytes,
        complex,
        float,
        int,
        range,
        str,
        type(None),
        type(NotImplemented),
        type(Ellipsis),
        types.CodeType,
    )
)
"""Ids of exact types: an instance of a subclass has a class and perhaps a `__dict__`."""
