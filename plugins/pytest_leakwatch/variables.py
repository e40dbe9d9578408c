"""The variables that the setup of a test class or test module sets: they last by intention.

`setup_class`, `setUpClass` and fixtures that write to `request.cls` put objects into variables
of the class. The class is there until the end, so the objects are too, and nobody leaks.
"""

from collections.abc import Mapping

import pytest

from leakwatch.integration import (
    class_namespace,
    entry,
    full_type_name,
    module_namespace,
    mro,
    named_entries,
    text,
)

Variables = Mapping[str, int]
"""Id of the value by the dotted name of a variable."""


def variables_of(node: pytest.Collector) -> Variables:
    """The variables of the test class with its bases, or of the test module, of a node."""
    if isinstance(node, pytest.Class):
        namespaces = {full_type_name(cls): class_namespace(cls) for cls in mro(node.obj)}
    elif isinstance(node, pytest.Module):
        namespace = module_namespace(node.obj)
        namespaces = {text(entry(namespace, "__name__")) or "": namespace}
    else:
        return {}
    return {
        f"{label}.{name}": id(value)
        for label, namespace in namespaces.items()
        for name, value in named_entries(namespace)
    }


def set_between(before: Variables, after: Variables) -> set[str]:
    """The variables that are new or have another value."""
    return {name for name, value in after.items() if before.get(name) != value}
