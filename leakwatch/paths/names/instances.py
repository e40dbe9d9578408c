"""Names of references held by instances, classes, modules, contexts and weak references."""

import contextvars
from collections.abc import Sequence
from types import MemberDescriptorType, ModuleType
from typing import Any, cast

from leakwatch.heap.fields import (
    c_field,
    class_namespace,
    entries,
    inherits,
    module_namespace,
    mro,
    own_field,
    own_text,
    read,
)
from leakwatch.heap.keys import attribute_text
from leakwatch.heap.objects import instance_namespace, is_class, is_module, type_name
from leakwatch.heap.structural_types import HAMT_NODES
from leakwatch.paths.names.name import Named
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
