"""Reading the state of standard library objects without running code of the program.

A subclass may override any attribute, so each read names the class whose own field it means.
"""

from leakwatch.heap.fields import entry, inherits
from leakwatch.heap.objects import class_of, instance_namespace


def base_of(subject: object, module: str, *names: str) -> type | None:
    """The first of a module's classes that the object is an instance of."""
    for name in names:
        cls = class_of(module, name)
        if cls is not None and inherits(type(subject), cls):
            return cls
    return None


def attribute(subject: object, name: str) -> object:
    """An entry of the instance's dict, or None."""
    found: object = entry(instance_namespace(subject), name)
    return found
