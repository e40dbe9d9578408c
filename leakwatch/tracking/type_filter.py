"""Choosing objects by type: classes, and patterns such as `shop.models:*`."""

import re
from collections.abc import Callable, Iterable
from typing import Any

from leakwatch.errors import ConfigurationError
from leakwatch.heap.fields import text
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


def as_given(wanted: Iterable[type | str]) -> tuple[type | str, ...]:
    """The entries, also of one class or pattern that was given alone.

    Raises:
        ConfigurationError: an entry is neither a class nor a string.
    """
    alone: Any = is_class(wanted) or type(wanted) is str
    entries: tuple[type | str, ...] = (wanted,) if alone else tuple(wanted)  # type: ignore[assignment]
    for entry in entries:
        if not (is_class(entry) or isinstance(entry, str)):
            raise ConfigurationError(
                f"types: expected a class or a pattern such as 'shop.models:*', got {given(entry)}"
            )
    return entries


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
    for entry in as_given(wanted):
        pattern = text(entry)
        if pattern is None:
            classes.add(id(entry))
        else:
            found.append(pattern.replace(":", "."))

    patterns = tuple(found)

    def matches(cls: type) -> bool:
        # By identity: a metaclass may define `==`.
        if not classes.isdisjoint(map(id, mro(cls))):
            return True
        return bool(patterns) and _answers[patterns, full_type_name(cls)]

    return matches
