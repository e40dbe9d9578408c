"""Choosing objects by type: classes, and patterns such as `shop.models:*`."""

from collections.abc import Callable, Iterable

from leakwatch.errors import ConfigurationError
from leakwatch.heap.describe import given
from leakwatch.heap.objects import full_type_name, is_class, mro

TypeFilter = Callable[[type], bool]


def type_filter(wanted: Iterable[type | str]) -> TypeFilter:
    """A function that says whether a class is among the wanted ones.

    Args:
        wanted: classes, which match their subclasses too, and patterns with shell
            wildcards: `module:qualname` or `module.qualname`.

    Raises:
        ConfigurationError: an entry is neither a class nor a string.
    """
    from fnmatch import fnmatchcase

    classes: set[int] = set()
    patterns: list[str] = []
    for entry in [wanted] if is_class(wanted) or type(wanted) is str else wanted:
        if is_class(entry):
            classes.add(id(entry))
        elif isinstance(entry, str):
            patterns.append(entry.replace(":", "."))
        else:
            raise ConfigurationError(
                f"types: expected a class or a pattern such as 'shop.models:*', got {given(entry)}"
            )

    def matches(cls: type) -> bool:
        # By identity: a metaclass may define `==`.
        if any(id(base) in classes for base in mro(cls)):
            return True
        name = full_type_name(cls)
        return any(fnmatchcase(name, pattern) for pattern in patterns)

    return matches
