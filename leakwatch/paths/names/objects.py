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
    MemberDescriptorType,
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
    inherits,
    module_namespace,
    mro,
    own_field,
    own_text,
    qualname_of_code,
    read,
    self_of,
    text,
)
from leakwatch.heap.keys import attribute_text, key_text
from leakwatch.heap.objects import (
    identities,
    instance_namespace,
    is_class,
    is_exactly,
    is_module,
    type_name,
)
from leakwatch.heap.roots.frames import place_of, read_variables
from leakwatch.heap.structural_types import HAMT_NODES
from leakwatch.paths.names.name import LRU_WRAPPER, Named
from weakrefs import ReferenceType


def name_instance(path: Sequence[object]) -> Named | None:
    """The reference from an instance: its class, a slot, or an entry of its namespace."""
    holder, child = path[0], path[1]
    if child is type(holder):
        return Named(".__class__")
    attribute = _attribute(path, instance_namespace(holder))
    if attribute is not None:
        return attribute
    return _slot(holder, child)


def name_class_or_module(path: Sequence[object]) -> Named | None:
    """The reference from a class or a module by the name in its dict."""
    holder, child = path[0], path[1]
    if is_class(holder):
        return _attribute(path, class_namespace(cast(type, holder))) or _class_part(holder, child)
    if is_module(holder):
        return _attribute(path, module_namespace(cast(ModuleType, holder)))
    return None


def name_context(path: Sequence[object]) -> Named | None:
    """A variable's value in a stored context, past the nodes of its tree, or in a token."""
    if type(path[0]) is contextvars.Token:
        return Named(".old_value") if path[0].old_value is path[1] else None
    if type(path[0]) is not contextvars.Context:
        return None
    hops = 1
    while hops < len(path) and type_name(type(path[hops])) in HAMT_NODES:
        hops += 1
    if hops == len(path):
        return None
    for variable, value in path[0].items():
        if value is path[hops]:
            return Named(f".<context variable {own_text(variable, 'name')!r}>", hops=hops)
    return None


def name_weak_reference(path: Sequence[object]) -> Named | None:
    """The callback of a weak reference: the only thing that one holds strongly."""
    holder, child = path[0], path[1]
    if not inherits(type(holder), ReferenceType):
        return None
    callback = c_field(holder, ReferenceType, "__callback__")
    return Named(".__callback__") if callback is child else None


def _attribute(path: Sequence[object], namespace: dict[str, object] | None) -> Named | None:
    """`.name`, whether the path goes through the namespace's dict or past it.

    From 3.11 on attributes may lie in the instance itself, and then the dict is no
    referent; once something asked for the dict, it is.
    """
    if namespace is None:
        return None
    through_dict = path[1] is namespace
    wanted = path[2] if through_dict and len(path) > 2 else path[1]
    for name, value in entries(namespace):
        if value is wanted:
            return named_attribute(name, hops=1 + through_dict)
    return Named(".__dict__") if through_dict else None


def named_attribute(name: object, hops: int = 1) -> Named:
    """An attribute, or where it is none an entry of a `__dict__`, whose key is no one bug's."""
    text = attribute_text(name)
    return Named(text, ".__dict__[*]" if text.startswith(".__dict__[") else "", hops)


def _slot(holder: object, child: object) -> Named | None:
    for cls in mro(type(holder)):
        for name, descriptor in entries(class_namespace(cls)):
            if type(descriptor) is MemberDescriptorType and read(descriptor, holder) is child:
                return named_attribute(name)
    return None


def _class_part(holder: Any, child: object) -> Named | None:
    if type(child) is tuple:
        return Named(".__mro__" if child is mro(holder) else ".__bases__")
    return Named(".<subclasses>") if type(child) is dict else None


def name_task(path: Sequence[object]) -> Named | None:
    """The coroutine and the context of an asyncio task, whose C fields have no names."""
    holder, child = path[0], path[1]
    if type_name(type(holder)) not in {"_asyncio.Task", "_asyncio.Future"}:
        return None
    for name in ("_coro", "_fut_waiter", "_result", "_exception", "_loop", "_source_traceback"):
        if own_field(holder, name) is child:
            return Named(".get_coro()" if name == "_coro" else f".{name}")
    if type(child) is contextvars.Context:
        return Named("._context")
    if type(child) is list:
        return Named("._callbacks")
    # The first callback has a field of its own; the getter's list of pairs begins with it.
    callbacks = cast(list[tuple[object, object]] | None, own_field(holder, "_callbacks"))
    first = callbacks[0][0] if callbacks else None
    return Named("._callbacks[0][0]", "._callbacks") if first is child else None


KEY_TYPES = identities((tuple, list))
"""A cache's key is a tuple of the arguments; the C code keeps some as a list subclass."""


def name_callable(path: Sequence[object]) -> Named | None:
    """The reference from a function, method, cell, partial or cached function."""
    for base in mro(type(path[0])):
        namer = CALLABLES.get(id(base))
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


CALLABLES = {
    id(FunctionType): _from_function,
    id(CellType): _from_cell,
    id(MethodType): _from_method,
    id(BuiltinMethodType): _from_builtin,
    id(partial): _from_partial,
    id(LRU_WRAPPER): _from_cached_function,
}


FRAME_OF = {
    id(GeneratorType): ("gi_frame", "gi_yieldfrom"),
    id(CoroutineType): ("cr_frame", "cr_await"),
    id(AsyncGeneratorType): ("ag_frame", "ag_await"),
}


def name_from_frame(path: Sequence[object]) -> Named | None:
    """The reference from a frame, generator, coroutine, traceback or exception."""
    holder: Any = path[0]
    child = path[1]
    kind = type(holder)
    if kind is FrameType:
        return _variable(holder, child) or _frame_attribute(holder, child)
    if kind is TracebackType:
        return Named(".tb_frame" if child is holder.tb_frame else ".tb_next")
    if id(kind) in FRAME_OF:
        return _suspended(holder, child, *FRAME_OF[id(kind)])
    if inherits(kind, BaseException):
        return _from_exception(path)
    return None


def _suspended(holder: Any, child: object, frame: str, awaited: str) -> Named:
    if child is own_field(holder, awaited):
        return Named(f".{awaited}")
    suspended = own_field(holder, frame)
    named = _variable(suspended, child) if suspended is not None else None
    return named or Named(f".<stack of {own_text(holder, '__qualname__')}>")


def _variable(frame: FrameType, child: object) -> Named | None:
    function = qualname_of_code(frame.f_code)
    for name, value in read_variables(frame).items():
        if value is child:
            general = f".<local {name} in {function}>"
            return Named(f".<local {name} in {function} at {place_of(frame)}>", general)
    return None


def _frame_attribute(frame: FrameType, child: object) -> Named:
    for attribute in ("f_back", "f_globals", "f_builtins", "f_trace"):
        if child is own_field(frame, attribute):
            return Named(f".{attribute}")
    return Named(f".<stack of {qualname_of_code(frame.f_code)}>")


def _from_exception(path: Sequence[object]) -> Named | None:
    holder: Any = path[0]
    child: Any = path[1]
    for attribute in ("__traceback__", "__context__", "__cause__"):
        if child is c_field(holder, BaseException, attribute):
            return Named(f".{attribute}")
    if child is c_field(holder, BaseException, "args") and len(path) > 2:
        index = next(i for i, item in enumerate(child) if item is path[2])
        return Named(f".args[{index}]", ".args[*]", 2)
    return None
