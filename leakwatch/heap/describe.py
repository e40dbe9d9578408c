"""What to call an object in a report: its type, and for code its own qualified name."""

from types import BuiltinMethodType, CoroutineType, FunctionType, GeneratorType, MethodType
from typing import Any

from leakwatch.heap.asyncio_roots import describe_task, is_task
from leakwatch.heap.callable_names import LRU_WRAPPER, cached_function
from leakwatch.heap.objects import full_type_name, is_class, module_name, qualified_name, type_name


def full_name(survivor: object) -> str:
    """`module.qualname` of the survivor's type."""
    return full_type_name(type(survivor))


def holder_name(holder: Any) -> str:
    """A holder as the report names it: its type, and which function, task or class it is."""
    kind = type(holder)
    if kind in (FunctionType, CoroutineType, GeneratorType):
        return f"{kind.__name__} {holder.__qualname__}"
    if kind is MethodType:
        return f"method {method_name(holder)}"
    if kind is BuiltinMethodType:
        return f"built-in method {holder.__name__}"
    if kind is LRU_WRAPPER:
        return f"lru_cache of {cached_function(holder)}"
    if is_class(holder):
        return f"class {module_name(holder)}.{qualified_name(holder)}"
    if is_task(holder):
        return f"task {describe_task(holder)}".rstrip()
    return type_name(kind)


def method_name(method: Any) -> str:
    """Qualified name of a bound method's function; a callable of the program is not asked."""
    function = method.__func__
    return function.__qualname__ if type(function) is FunctionType else type_name(type(function))
