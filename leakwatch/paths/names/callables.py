"""Names of references held by functions and what wraps them."""

from collections.abc import Sequence
from functools import lru_cache, partial
from types import BuiltinMethodType, CellType, FunctionType, MethodType
from typing import Any

from leakwatch.heap.fields import (
    c_field,
    code_of,
    entries,
    entry,
    function_of,
    mro,
    own_field,
    own_text,
    self_of,
    text,
)
from leakwatch.heap.keys import key_text
from leakwatch.heap.objects import identities, instance_namespace, is_exactly
from leakwatch.paths.names.name import Named

LRU_WRAPPER = type(lru_cache(len))
KEY_TYPES = identities((tuple, list))
"""A cache's key is a tuple of the arguments; the C code keeps some as a list subclass."""


def name_callable(path: Sequence[object]) -> Named | None:
    """The reference from a function, method, cell, partial or cached function."""
    for base in mro(type(path[0])):
        namer = NAMERS.get(id(base))
        if namer is not None:
            return namer(path)
    return None


def _from_function(path: Sequence[object]) -> Named | None:
    function: Any = path[0]
    child = path[1]
    if child is own_field(function, "__closure__"):
        return _closure_variable(function, path)
    if child is own_field(function, "__defaults__") and len(path) > 2:
        return Named(f".__defaults__[{_index(child, path[2])}]", ".__defaults__[*]", 2)
    for attribute in ("__kwdefaults__", "__globals__", "__builtins__"):
        if child is own_field(function, attribute):
            return Named(f".{attribute}")
    if child is instance_namespace(function):
        return None
    return _annotation(path) or _constant(path)


def _constant(path: Sequence[object]) -> Named | None:
    """A constant in the code of a function, or of one that is defined in it."""
    if type(path[1]) is not tuple:
        return None
    return Named(".__code__.co_consts", hops=min(2, len(path) - 1))


def _annotation(path: Sequence[object]) -> Named | None:
    """An annotation: in a dict, or before anybody asked for that in a tuple, name by name.

    Asking for `__annotations__` here would build the dict, and from 3.14 on run the code of
    the annotations.
    """
    parts: Any = path[1]
    if type(parts) is dict:
        return Named(".__annotations__")
    if type(parts) is not tuple or len(path) < 3:
        return None
    name = text(parts[max(0, _index(parts, path[2]) - 1)])
    return Named(f".__annotations__[{name!r}]", hops=2) if name is not None else None


def _closure_variable(function: Any, path: Sequence[object]) -> Named:
    if len(path) < 3:
        return Named(".__closure__")
    variable = code_of(function).co_freevars[_index(path[1], path[2])]
    return Named(f".<closure {variable}>", hops=3 if len(path) > 3 else 2)


def _index(items: Any, wanted: object) -> int:
    return next(index for index, item in enumerate(items) if item is wanted)


def _from_cell(path: Sequence[object]) -> Named:
    return Named(".cell_contents")


def _from_method(path: Sequence[object]) -> Named:
    method: Any = path[0]
    return Named(".__self__" if path[1] is self_of(method) else ".__func__")


def _from_builtin(path: Sequence[object]) -> Named:
    return Named(".__self__")


def _from_partial(path: Sequence[object]) -> Named | None:
    wrapper: Any = path[0]
    child = path[1]
    if child is c_field(wrapper, partial, "func"):
        return Named(".func")
    if type(child) is tuple and len(path) > 2:
        return Named(f".args[{_index(child, path[2])}]", hops=2)
    if type(child) is dict and len(path) > 2:
        keywords = [key for key, value in entries(child) if value is path[2]]
        return Named(f".keywords[{key_text(keywords[0])}]", hops=2) if keywords else None
    return None


def _from_cached_function(path: Sequence[object]) -> Named | None:
    """A cached argument or result: wrapper, perhaps its table, perhaps a key's tuple."""
    wrapper = path[0]
    fields = instance_namespace(wrapper)
    if path[1] is fields:
        return None
    if fields is not None and path[1] is entry(fields, "__wrapped__"):
        return Named(".__wrapped__")
    key = 1 + (type(path[1]) is dict)
    if len(path) > key + 1 and is_exactly(path[key], KEY_TYPES):
        index = _index(path[key], path[key + 1])
        return Named(f".<cached argument {index}>", ".<cached argument>", key + 1)
    return Named(".<cached result>", hops=key) if len(path) > key else Named(".<cache>")


def cached_function(wrapper: object) -> str:
    """Qualified name of the function behind an `lru_cache` wrapper."""
    wrapped = entry(instance_namespace(wrapper), "__wrapped__")
    if type(wrapped) is MethodType:
        wrapped = function_of(wrapped)
    return own_text(wrapped, "__qualname__") if type(wrapped) is FunctionType else "?"


NAMERS = {
    id(FunctionType): _from_function,
    id(CellType): _from_cell,
    id(MethodType): _from_method,
    id(BuiltinMethodType): _from_builtin,
    id(partial): _from_partial,
    id(LRU_WRAPPER): _from_cached_function,
}
