"""What lives as long as its module or the process: modules, what their names lead to, loggers."""

import sys
from types import FunctionType, ModuleType
from typing import Any, cast

from leakwatch.diagnosis.judgement import Inspector, Judgement, base_of, needed, undecided
from leakwatch.heap.fields import (
    class_attribute,
    entries,
    entry,
    loaded,
    module_namespace,
    own_text,
    text,
)
from leakwatch.heap.objects import instance_namespace, is_class, is_module
from leakwatch.heap.roots.namespaces import found_at, is_permanent
from leakwatch.paths.names.name import LRU_WRAPPER


def module_is_needed(subject: object) -> Judgement | None:
    """A module that can be imported lives as long as the process; one made at run time need not."""
    if not is_module(subject):
        return None
    # Under its own name, or as an alias: `importlib` and programs enter them as they like.
    name = text(entry(module_namespace(cast(ModuleType, subject)), "__name__"))
    if loaded(name or "") is subject or any(it is subject for _, it in entries(sys.modules)):
        return needed("a module lives as long as the process")
    return undecided("a module that is not in sys.modules")


def named_class_is_needed(subject: object) -> Judgement | None:
    """A class that its own name leads to lives as long as its module."""
    if not is_class(subject):
        return None
    if is_permanent(subject):
        return needed("a class lives as long as its module")
    return undecided("a class made at run time")


def named_function_is_needed(subject: object) -> Judgement | None:
    """A function that its own name leads to lives as long as its module."""
    if type(subject) is not FunctionType:
        return None
    if found_at(own_text(subject, "__module__"), own_text(subject, "__qualname__")) is subject:
        return needed("a function lives as long as its module")
    return None


def cache_is_needed(subject: object) -> Judgement | None:
    """A cached function that its own name leads to lives as long as its module or class."""
    if type(subject) is not LRU_WRAPPER:
        return None
    fields = instance_namespace(subject)
    module, path = text(entry(fields, "__module__")), text(entry(fields, "__qualname__"))
    if found_at(module or "", path or "") is subject:
        return needed("a cache lives as long as its function")
    return undecided("a cache made at run time")


def enum_member_is_needed(subject: object) -> Judgement | None:
    """A member of an enumeration lives as long as its class."""
    cls: Any = type(subject)
    if base_of(cls, "enum", "EnumType") is None or not is_permanent(cls):
        return None
    members = entries(class_attribute(cls, "_member_map_"))
    # An operation on flags can make further members, which no name leads to.
    if any(member is subject for _, member in members):
        return needed("a member of an enumeration lives as long as its class")
    return None


def logger_is_needed(subject: object) -> Judgement | None:
    """Named loggers live in logging's registry for ever."""
    if base_of(subject, "logging", "Logger") is None:
        return None
    return needed("loggers are never freed")


INSPECTORS: dict[str, Inspector] = {
    "builtins.module": module_is_needed,
    "builtins.type": named_class_is_needed,
    "builtins.function": named_function_is_needed,
    "functools._lru_cache_wrapper": cache_is_needed,
    "enum.Enum": enum_member_is_needed,
    "logging.Logger": logger_is_needed,
}
"""By the name of the class that they judge instances of."""
