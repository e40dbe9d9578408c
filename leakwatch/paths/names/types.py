"""What to call an object in a report: its type, and for code its own qualified name."""

from collections.abc import Callable
from types import (
    AsyncGeneratorType,
    BuiltinMethodType,
    CoroutineType,
    FrameType,
    FunctionType,
    GeneratorType,
    MethodType,
)
from typing import Any

from leakwatch.errors import quoted, shortened
from leakwatch.heap.fields import function_of, module_name, own_text, qualified_name
from leakwatch.heap.objects import (
    full_type_name,
    identities,
    is_class,
    is_exactly,
    is_module,
    type_name,
)
from leakwatch.heap.roots.event_loops import describe_task, is_task
from leakwatch.model import HolderKind
from leakwatch.paths.names.callables import LRU_WRAPPER, cached_function

PLAIN = identities((str, int, float, bool, bytes, type(None)))


def full_name(survivor: object) -> str:
    """`module.qualname` of the survivor's type."""
    return full_type_name(type(survivor))


def holder_name(holder: Any) -> str:
    """A holder as the report names it: its type, and which function, task or class it is."""
    return described(holder)[1]


def described(holder: Any) -> tuple[HolderKind, str]:
    """What sort of object a holder is, and its name in a report."""
    if (known := BY_TYPE.get(id(type(holder)))) is not None:
        kind, name = known
        return kind, name(holder)
    if is_class(holder):
        return HolderKind.CLASS, f"class {module_name(holder)}.{qualified_name(holder)}"
    if is_task(holder):
        return HolderKind.TASK, f"task {describe_task(holder)}".rstrip()
    if is_module(holder):
        return HolderKind.MODULE, type_name(type(holder))
    return HolderKind.INSTANCE, type_name(type(holder))


def given(value: object) -> str:
    """An argument that is refused, for the message: its `repr` may be code of the program."""
    if is_exactly(value, PLAIN):
        return quoted(value)
    return f"an object of type {shortened(full_name(value))}"


def method_name(method: Any) -> str:
    """Qualified name of a bound method's function; a callable of the program is not asked."""
    function = function_of(method)
    if type(function) is FunctionType:
        return own_text(function, "__qualname__")
    return type_name(type(function))


def code_name(holder: Any) -> str:
    """`function checkout`, `coroutine Worker.poll`."""
    return f"{qualified_name(type(holder))} {own_text(holder, '__qualname__')}"


BY_TYPE: dict[int, tuple[HolderKind, Callable[[Any], str]]] = {
    id(FunctionType): (HolderKind.FUNCTION, code_name),
    id(CoroutineType): (HolderKind.COROUTINE, code_name),
    id(GeneratorType): (HolderKind.GENERATOR, code_name),
    id(AsyncGeneratorType): (HolderKind.ASYNC_GENERATOR, lambda it: type_name(type(it))),
    id(FrameType): (HolderKind.FRAME, lambda it: type_name(type(it))),
    id(MethodType): (HolderKind.METHOD, lambda method: f"method {method_name(method)}"),
    id(BuiltinMethodType): (
        HolderKind.BUILTIN_METHOD,
        lambda method: f"built-in method {own_text(method, '__name__')}",
    ),
    id(LRU_WRAPPER): (HolderKind.CACHE, lambda cache: f"lru_cache of {cached_function(cache)}"),
}
"""Sort and name by the id of a builtin type."""
