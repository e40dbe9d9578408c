"""The variables that the setup of a test class or test module sets: they last by intention.

`setup_class`, `setUpClass` and fixtures that write to `request.cls` put objects into variables
of the class. The class is there until the end, so the objects are too, and nobody leaks.
"""

from collections.abc import Mapping

import pytest

Variables = Mapping[str, int]
"""Id of the value by the dotted name of a variable."""


def variables_of(node: pytest.Collector) -> Variables:
    """The variables of the test class with its bases, or of the test module, of a node."""
    if isinstance(node, pytest.Class):
        namespaces = {f"{cls.__module__}.{cls.__qualname__}": vars(cls) for cls in node.obj.__mro__}
    elif isinstance(node, pytest.Module):
        namespaces = {node.obj.__name__: vars(node.obj)}
    else:
        return {}
    return {
        f"{label}.{name}": id(value)
        for label, namespace in namespaces.items()
        for name, value in dict(namespace).items()
    }


def set_between(before: Variables, after: Variables) -> set[str]:
    """The variables that are new or have another value."""
    return {name for name, value in after.items() if before.get(name) != value}
