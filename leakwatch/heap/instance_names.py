"""Names of references held by instances, classes, modules, contexts and weak references."""

import contextvars
from collections.abc import Sequence
from types import GetSetDescriptorType, MemberDescriptorType, ModuleType
from typing import Any, cast

from leakwatch.heap.keys import attribute_text
from leakwatch.heap.named import Named
from leakwatch.heap.objects import (
    class_attributes,
    class_namespace,
    inherits,
    instance_namespace,
    is_class,
    is_module,
    module_namespace,
    mro,
    type_name,
)
from leakwatch.heap.plumbing import HAMT_NODES
from weakrefs import ReferenceType


def name_instance(path: Sequence[object]) -> Named | None:
    """The reference from an instance: its class, a slot, or an entry of its namespace."""
    holder, child = path[0], path[1]
    if child is type(holder):
        return Named(".__class__")
    attribute = _attribute(path, instance_namespace(holder))
    if attribute is not None:
        return attribute
    slot = _slot_name(holder, child)
    return Named(f".{slot}") if slot else None


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
            return Named(f".<context variable {variable.name!r}>", hops=hops)
    return None


def name_weak_reference(path: Sequence[object]) -> Named | None:
    """The callback of a weak reference: the only thing that one holds strongly."""
    holder, child = path[0], path[1]
    if not inherits(type(holder), ReferenceType):
        return None
    callback = ReferenceType.__dict__["__callback__"].__get__(holder)
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
    for name, value in list(namespace.items()):
        if value is wanted:
            return named_attribute(name, hops=1 + through_dict)
    return Named(".__dict__") if through_dict else None


def named_attribute(name: object, hops: int = 1) -> Named:
    """An attribute, or where it is none an entry of a `__dict__`, whose key is no one bug's."""
    text = attribute_text(name)
    return Named(text, ".__dict__[*]" if text.startswith(".__dict__[") else "", hops)


def _slot_name(holder: object, child: object) -> str | None:
    for cls in mro(type(holder)):
        for name, descriptor in list(class_attributes(cls).items()):
            if type(descriptor) is MemberDescriptorType and _slot(descriptor, holder) is child:
                return name
    return None


def _slot(descriptor: MemberDescriptorType, holder: object) -> object:
    try:
        return descriptor.__get__(holder)
    except AttributeError:  # an empty slot
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
        if _field(holder, name) is child:
            return Named(".get_coro()" if name == "_coro" else f".{name}")
    if type(child) is contextvars.Context:
        return Named("._context")
    if type(child) is list:
        return Named("._callbacks")
    # The first callback has a field of its own; the getter's list of pairs begins with it.
    callbacks = cast(list[tuple[object, object]], _field(holder, "_callbacks") or [])
    first = callbacks[0][0] if callbacks else None
    return Named("._callbacks[0][0]", "._callbacks") if first is child else None


def _field(holder: object, name: str) -> object:
    """What a C getter of the holder's exact type gives, or None if it has no such getter."""
    getter = class_attributes(type(holder)).get(name)
    return getter.__get__(holder) if type(getter) is GetSetDescriptorType else None
