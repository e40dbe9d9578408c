"""Reading the state of standard library objects without running code of the program.

A subclass may override any attribute, so each read names the class whose own field it means.
"""

import sys
from types import GetSetDescriptorType, MemberDescriptorType

from leakwatch.heap.objects import (
    class_attributes,
    identities,
    inherits,
    instance_namespace,
    is_class,
    is_exactly,
    is_module,
    module_namespace,
)

C_FIELDS = identities((GetSetDescriptorType, MemberDescriptorType))


def loaded_class(module: str, name: str) -> type | None:
    """A class of a module, if that is loaded: nothing is imported only to be asked about."""
    found = sys.modules.get(module)
    cls = module_namespace(found).get(name) if found is not None and is_module(found) else None
    return cls if is_class(cls) else None  # type: ignore[return-value]


def base_of(subject: object, module: str, *names: str) -> type | None:
    """The first of a module's classes that the object is an instance of."""
    for name in names:
        cls = loaded_class(module, name)
        if cls is not None and inherits(type(subject), cls):
            return cls
    return None


def c_field(subject: object, base: type, name: str) -> object:
    """A slot or a C getter of one base, or None if it is empty or the base has none."""
    field = class_attributes(base).get(name)
    if not is_exactly(field, C_FIELDS):
        return None
    try:
        return field.__get__(subject)  # type: ignore[attr-defined]
    except (AttributeError, ValueError):  # never opened, or taken apart
        return None


def attribute(subject: object, name: str) -> object:
    """An entry of the instance's dict, or None."""
    return (instance_namespace(subject) or {}).get(name)
