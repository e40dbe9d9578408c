"""Choosing objects by type: classes, and patterns such as `shop.models:*`."""

import re
from collections.abc import Callable, Iterable

from leakwatch.errors import ConfigurationError
from leakwatch.heap.objects import full_type_name, is_class, mro
from leakwatch.paths.names.name import given

TypeFilter = Callable[[type], bool]

MOST_ANSWERS = 10_000


class Answers(dict[tuple[tuple[str, ...], str], bool]):
    """Which names fit which patterns; a class of ours, so that it is born in nobody's window."""

    __slots__ = ()

    def __missing__(self, asked: tuple[tuple[str, ...], str]) -> bool:
        from fnmatch import translate

        patterns, name = asked
        if len(self) > MOST_ANSWERS:
            self.clear()
        answer = any(re.compile(translate(it)).match(name) for it in patterns)
        self[asked] = answer
        return answer


_answers = Answers()


def type_filter(wanted: Iterable[type | str]) -> TypeFilter:
    """A function that says whether a class is among the wanted ones.

    Args:
        wanted: classes, which match their subclasses too, and patterns with shell
            wildcards: `module:qualname` or `module.qualname`.

    Raises:
        ConfigurationError: an entry is neither a class nor a string.
    """
    classes: set[int] = set()
    found: list[str] = []
    for entry in [wanted] if is_class(wanted) or type(wanted) is str else wanted:
        if is_class(entry):
            classes.add(id(entry))
        elif isinstance(entry, str):
            found.append(entry.replace(":", "."))
        else:
            raise ConfigurationError(
                f"types: expected a class or a pattern such as 'shop.models:*', got {given(entry)}"
            )

    patterns = tuple(found)

    def matches(cls: type) -> bool:
        # By identity: a metaclass may define `==`.
        if not classes.isdisjoint(map(id, mro(cls))):
            return True
        return bool(patterns) and _answers[patterns, full_type_name(cls)]

    return matches
