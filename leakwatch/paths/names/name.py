"""What a reference and an object are called in a report, and the shape of the functions that name.

A namer looks at a holder and what follows it on the path and says how Python would write
the reference, or None if it does not know the holder. It may take several objects at once:
an instance, its `__dict__` and a value are one reference, `.owner`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import takewhile
from types import (
    AsyncGeneratorType,
    BuiltinMethodType,
    CoroutineType,
    FrameType,
    FunctionType,
    GeneratorType,
    MethodType,
)
from typing import Annotated, Any
from weakref import finalize

from leakwatch.errors import quoted, shortened
from leakwatch.heap.fields import c_field, entry, function_of, module_name, own_text, qualified_name
from leakwatch.heap.objects import (
    full_type_name,
    identities,
    instance_namespace,
    is_class,
    is_exactly,
    is_module,
    type_name,
)
from leakwatch.heap.tasks import describe_task, is_task
from leakwatch.model.root_kinds import HolderKind


@dataclass(frozen=True, slots=True)
class Named:
    """The name of a reference.

    Attributes:
        name: as Python would write it: `.owner`, `['u42']`, `[3]`; in angle brackets where
            Python has no expression for it: `.<closure session>`.
        general: the name without keys, indexes and lines, for the signature.
        hops: how many objects of the path it covers, at least 1.
    """

    name: str
    general: str = ""
    hops: Annotated[int, range(1, 2**31)] = 1

    @property
    def signature_part(self) -> str:
        """What the signature takes of this reference."""
        return self.general or self.name


Namer = Callable[[Sequence[object]], Named | None]
"""Takes the rest of a path, holder first, at least two objects long."""


DIGITS = "0123456789"
NAMED_FUNCTIONS = identities((FunctionType, BuiltinMethodType))
RECORD: Any = finalize.__dict__["_Info"]
LRU_WRAPPER = type(lru_cache(len))
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


def common(names: Sequence[str]) -> str:
    """Several names as one: what they begin and end with, and `*` for what differs."""
    begin = common_beginning(names)
    rest = [name[len(begin) :][::-1] for name in names]
    return f"{begin.rstrip(DIGITS)}*{common_beginning(rest)[::-1].lstrip(DIGITS)}"


def common_beginning(names: Sequence[str]) -> str:
    """What all names begin with. `os.path.commonprefix` warns from CPython 3.15 on."""
    first, last = min(names), max(names)
    alike = takewhile(lambda pair: pair[0] == pair[1], zip(first, last, strict=False))
    return first[: sum(1 for _ in alike)]


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


def cached_function(wrapper: object) -> str:
    """Qualified name of the function behind an `lru_cache` wrapper."""
    wrapped = entry(instance_namespace(wrapper), "__wrapped__")
    if type(wrapped) is MethodType:
        wrapped = function_of(wrapped)
    return own_text(wrapped, "__qualname__") if type(wrapped) is FunctionType else "?"


def callback_name(record: Any) -> str:
    """The function that a finalizer calls: a record of `weakref.finalize` says no more."""
    called = c_field(record, RECORD, "func")
    if type(called) is MethodType:
        return method_name(called)
    if is_exactly(called, NAMED_FUNCTIONS):
        return own_text(called, "__qualname__")
    return type_name(type(called))


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
    id(RECORD): (HolderKind.INSTANCE, lambda it: f"finalizer calling {callback_name(it)}"),
    id(LRU_WRAPPER): (HolderKind.CACHE, lambda cache: f"lru_cache of {cached_function(cache)}"),
}
"""Sort and name by the id of a builtin type."""
