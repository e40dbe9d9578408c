"""Names of references held by objects: instances, classes, functions and their wrappers, frames."""

import contextvars
from collections.abc import Sequence
from functools import partial
from types import (
    AsyncGeneratorType,
    BuiltinMethodType,
    CellType,
    CoroutineType,
    FrameType,
    FunctionType,
    GeneratorType,
    MethodType,
    ModuleType,
    TracebackType,
)
from typing import Any, cast

from leakwatch.heap.fields import (
    c_field,
    class_namespace,
    code_of,
    entries,
    entry,
    module_namespace,
    mro,
    own_field,
    own_text,
    qualname_of_code,
    read,
    self_of,
    slots_of,
    text,
)
from leakwatch.heap.keys import attribute_text, key_text
from leakwatch.heap.objects import (
    identities,
    instance_namespace,
    is_exactly,
    type_name,
)
from leakwatch.heap.roots.frames import place_of, read_variables
from leakwatch.heap.structural_types import HAMT_NODES
from leakwatch.heap.tasks import awaiters, future_base
from leakwatch.paths.names.lookup import ABSENT, name_in
from leakwatch.paths.names.name import LRU_WRAPPER, Named, Namer
from weakrefs import ReferenceType


def name_instance(path: Sequence[object]) -> Named | None:
    """The reference from an instance: its class, a slot, or an entry of its namespace."""
    holder, child = path[0], path[1]
    if child is type(holder):
        return Named(".__class__")
    attribute = _attribute(path, instance_namespace(holder))
    if attribute is not None:
        return attribute
    for cls in mro(type(holder)):
        for name, descriptor in slots_of(cls):
            if read(descriptor, holder) is child:
                return named_attribute(name)
    return None


def _from_class(path: Sequence[object]) -> Named | None:
    cls: Any = path[0]
    if (attribute := _attribute(path, class_namespace(cls))) is not None:
        return attribute
    if type(path[1]) is tuple:
        return Named(".__mro__" if path[1] is mro(cls) else ".__bases__")
    return Named(".<subclasses>") if type(path[1]) is dict else None


def _from_module(path: Sequence[object]) -> Named | None:
    return _attribute(path, module_namespace(cast(ModuleType, path[0])))


def _from_token(path: Sequence[object]) -> Named | None:
    token: Any = path[0]
    return Named(".old_value") if token.old_value is path[1] else None


def _from_context(path: Sequence[object]) -> Named | None:
    """A variable's value in a stored context, past the nodes of its tree."""
    context: Any = path[0]
    hops = 1
    while hops < len(path) and type_name(type(path[hops])) in HAMT_NODES:
        hops += 1
    if hops == len(path):
        return None
    for variable, value in context.items():
        if value is path[hops]:
            return Named(f".<context variable {own_text(variable, 'name')!r}>", hops=hops)
    return None


def _from_weak_reference(path: Sequence[object]) -> Named | None:
    """The callback of a weak reference: the only thing that one holds strongly."""
    callback = c_field(path[0], ReferenceType, "__callback__")
    return Named(".__callback__") if callback is path[1] else None


def _attribute(path: Sequence[object], namespace: dict[str, object] | None) -> Named | None:
    """`.name`, whether the path goes through the namespace's dict or past it.

    From 3.11 on attributes may lie in the instance itself, and then the dict is no
    referent; once something asked for the dict, it is.
    """
    if namespace is None:
        return None
    through_dict = path[1] is namespace
    wanted = path[2] if through_dict and len(path) > 2 else path[1]
    name = name_in(namespace, wanted)
    if name is not ABSENT:
        return named_attribute(name, hops=1 + through_dict)
    return Named(".__dict__") if through_dict else None


def named_attribute(name: object, hops: int = 1) -> Named:
    """An attribute, or where it is none an entry of a `__dict__`, whose key is no one bug's."""
    text = attribute_text(name)
    return Named(text, ".__dict__[*]" if text.startswith(".__dict__[") else "", hops)


def name_task(path: Sequence[object]) -> Named | None:
    """The coroutine and the context of an asyncio task or future, whose C fields have no names."""
    base = future_base(path[0])
    return _from_future(path, base) if base is not None else None


def _from_future(path: Sequence[object], base: type) -> Named | None:
    holder, child = path[0], path[1]
    for name in ("_coro", "_fut_waiter", "_result", "_exception", "_loop", "_source_traceback"):
        if c_field(holder, base, name) is child:
            return Named(".get_coro()" if name == "_coro" else f".{name}")
    if type(child) is contextvars.Context:
        return Named("._context")
    # The first callback has a field of its own; the getter's list of pairs begins with it.
    callbacks = cast(list[tuple[object, object]] | None, c_field(holder, base, "_callbacks"))
    first = callbacks[0][0] if callbacks else None
    if first is child:
        return Named("._callbacks[0][0]", "._callbacks")
    if type(child) is list and callbacks:
        return Named("._callbacks")
    return _to_awaiter(path)


def _to_awaiter(path: Sequence[object]) -> Named | None:
    """The reference to who awaits the holder: a future of its own, or a set of several."""
    several = type(path[1]) is set
    awaiter = path[2] if several and len(path) > 2 else path[1]
    if not any(found is awaiter for found in awaiters(path[0])):
        return None
    return Named("._asyncio_awaited_by", hops=1 + several)


CACHED_RESULT = ".<cached result>"
CACHE_TABLE = ".<cache>"
CACHED_CALL = ".<cached call>"
"""Argument and result together: an entry of the table."""
KEY_TYPES = identities((tuple, list))
"""A cache's key is a tuple of the arguments; the C code keeps some as a list subclass."""


FIELDS_OF_FUNCTION = (
    "__closure__",
    "__kwdefaults__",
    "__globals__",
    "__builtins__",
    "__doc__",
    "__module__",
    "__annotate__",
)
"""Fields that hold what they are named after; the getter of the last, which CPython 3.14 brought,
calls nothing."""


def _from_function(path: Sequence[object]) -> Named | None:
    function: Any = path[0]
    child = path[1]
    if child is own_field(function, "__closure__") and len(path) > 2:
        variable = code_of(function).co_freevars[_index(child, path[2])]
        return Named(f".<closure {variable}>", hops=3 if len(path) > 3 else 2)
    if child is own_field(function, "__defaults__") and len(path) > 2:
        return Named(f".__defaults__[{_index(child, path[2])}]", ".__defaults__[*]", 2)
    for attribute in FIELDS_OF_FUNCTION:
        if child is own_field(function, attribute):
            return Named(f".{attribute}")
    if child is instance_namespace(function):
        return None
    if (annotation := _annotation(path)) is not None or type(child) is not tuple:
        return annotation
    # A constant in the code of a function, or of one that is defined in it.
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


def _index(items: Any, wanted: object) -> int:
    return next(index for index, item in enumerate(items) if item is wanted)


def _from_method(path: Sequence[object]) -> Named:
    method: Any = path[0]
    return Named(".__self__" if path[1] is self_of(method) else ".__func__")


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
    return Named(CACHED_RESULT, hops=key) if len(path) > key else Named(CACHE_TABLE)


FRAME_OF = {
    id(GeneratorType): ("gi_frame", "gi_yieldfrom"),
    id(CoroutineType): ("cr_frame", "cr_await"),
    id(AsyncGeneratorType): ("ag_frame", "ag_await"),
}


def _from_frame(path: Sequence[object]) -> Named:
    frame: Any = path[0]
    if (variable := _variable(frame, path[1])) is not None:
        return variable
    for attribute in ("f_back", "f_globals", "f_builtins", "f_trace"):
        if path[1] is own_field(frame, attribute):
            return Named(f".{attribute}")
    return Named(f".<stack of {qualname_of_code(frame.f_code)}>")


def _from_traceback(path: Sequence[object]) -> Named:
    traceback: Any = path[0]
    return Named(".tb_frame" if path[1] is traceback.tb_frame else ".tb_next")


def _from_suspended(path: Sequence[object]) -> Named:
    """From a generator or a coroutine: what it waits for, or a variable of its function."""
    holder, child = path[0], path[1]
    frame, awaited = FRAME_OF[id(type(holder))]
    if child is own_field(holder, awaited):
        return Named(f".{awaited}")
    suspended: Any = own_field(holder, frame)
    named = _variable(suspended, child) if suspended is not None else None
    return named or Named(f".<stack of {own_text(holder, '__qualname__')}>")


def _variable(frame: FrameType, child: object) -> Named | None:
    function = qualname_of_code(frame.f_code)
    for name, value in read_variables(frame).items():
        if value is child:
            general = f".<local {name} in {function}>"
            return Named(f".<local {name} in {function} at {place_of(frame)}>", general)
    return None


def _from_exception(path: Sequence[object]) -> Named | None:
    holder: Any = path[0]
    child: Any = path[1]
    for attribute in ("__traceback__", "__context__", "__cause__"):
        if child is c_field(holder, BaseException, attribute):
            return Named(f".{attribute}")
    if child is c_field(holder, BaseException, "args") and len(path) > 2:
        return Named(f".args[{_index(child, path[2])}]", ".args[*]", 2)
    return None


BY_TYPE: dict[int, Namer] = {
    id(type): _from_class,
    id(ModuleType): _from_module,
    id(FunctionType): _from_function,
    id(CellType): lambda _: Named(".cell_contents"),
    id(MethodType): _from_method,
    id(BuiltinMethodType): lambda _: Named(".__self__"),
    id(partial): _from_partial,
    id(LRU_WRAPPER): _from_cached_function,
    id(FrameType): _from_frame,
    id(TracebackType): _from_traceback,
    **dict.fromkeys(FRAME_OF, _from_suspended),
    id(BaseException): _from_exception,
    id(contextvars.Token): _from_token,
    id(contextvars.Context): _from_context,
    id(ReferenceType): _from_weak_reference,
}
"""By the id of a builtin type, which the class of the holder may be derived from."""
