"""Choosing objects by type: classes, and patterns such as `shop.models:*`.

A misspelt pattern finds nothing, which is no clean answer: one that fits no class is told. For that
only what the interpreter has is looked at. Nothing is imported, and no code of the program runs.
"""

import re
import sys
from collections.abc import Callable, Iterable
from typing import Any

from leakwatch.errors import ConfigurationError, quoted
from leakwatch.heap.fields import entry, loaded, module_name, module_namespace, text
from leakwatch.heap.objects import full_type_name, is_class, is_module, mro, qualified_name
from leakwatch.heap.roots.namespaces import all_classes
from leakwatch.paths.names.name import given

TypeFilter = Callable[[type], bool]

MOST_ANSWERS = 10_000
WILDCARDS = "*?["
EXPECTED = "expected `module:Class`, wildcards allowed, such as 'shop.models:*'"
ALIKE = 0.7
"""From here on a name is taken for a misspelt one of another."""
_fitting: set[str] = set()
"""Patterns that have fitted a class of this process before."""


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
    for it in entries:
        if not (is_class(it) or isinstance(it, str)):
            raise ConfigurationError(
                f"types: expected a class or a pattern such as 'shop.models:*', got {given(it)}"
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
    for it in as_given(wanted):
        pattern = text(it)
        if pattern is None:
            classes.add(id(it))
        else:
            found.append(pattern.replace(":", "."))

    patterns = tuple(found)

    def matches(cls: type) -> bool:
        # By identity: a metaclass may define `==`.
        if not classes.isdisjoint(map(id, mro(cls))):
            return True
        return bool(patterns) and _answers[patterns, full_type_name(cls)]

    return matches


def unmatched(patterns: Iterable[object], *, importable: bool = True) -> str | None:
    """Why a judgement of these types proves nothing, or None if each pattern fits a class.

    Args:
        patterns: as given; classes among them always fit.
        importable: whether a pattern is also right that names a module which exists and is not
            imported yet. At the end of a program nothing more is imported.
    """
    return "; ".join(complaints(patterns, importable=importable).values()) or None


def complaints(patterns: Iterable[object], *, importable: bool = True) -> dict[str, str]:
    """What is wrong with each pattern that fits no class; see `unmatched`."""
    texts = (text(it) for it in patterns)
    missing = [it for it in texts if it is not None and it not in _fitting]
    if not missing:
        return {}
    names = {full_type_name(cls) for cls in all_classes()}
    missing = [it for it in missing if not has_class(it, names)]
    if importable:
        missing = [it for it in missing if not names_a_module_to_come(it)]
    return {it: f"no class fits {quoted(it)}{meant_by(it)}" for it in missing}


def has_class(pattern: str, names: Iterable[str]) -> bool:
    """Whether a pattern fits one of these names of classes; remembered if so."""
    from fnmatch import translate

    found = any(map(re.compile(translate(pattern.replace(":", "."))).match, names))
    if found:
        _fitting.add(pattern)
    return found


def names_a_module_to_come(pattern: str) -> bool:
    """Whether a pattern may fit a class of a module that exists and is not imported yet.

    One that begins with a wildcard may fit anything.
    """
    modules, whole = literal_modules(pattern)
    path, name = None, ""
    for part in modules:
        name = f"{name}.{part}" if name else part
        module = loaded(name)
        if module is None:
            from importlib.machinery import PathFinder

            return PathFinder.find_spec(name, path) is not None
        path = entry(module_namespace(module), "__path__") if is_module(module) else None
        if path is None:
            return False
    return not whole


def literal_modules(pattern: str) -> tuple[list[str], bool]:
    """The parts of a pattern that are names of modules, and whether they are the whole name.

    Without a colon the last part is the name of a class.
    """
    module, colon, _ = pattern.partition(":")
    parts = module.split(".") if colon else pattern.split(".")[:-1]
    first = next((at for at, it in enumerate(parts) if any(c in it for c in WILDCARDS)), None)
    if first is not None:
        return parts[:first], False
    return parts, bool(colon) or not pattern.endswith("*")


def meant_by(pattern: str) -> str:
    """The pattern that was probably meant, to follow a complaint; or what one looks like."""
    from difflib import get_close_matches

    colon = ":" if ":" in pattern or "." not in pattern else "."
    classes = all_classes()
    end = f"{colon}*" if pattern.endswith(f"{colon}*") else ""
    if end:
        known = {module_name(cls) for cls in classes} | set(sys.modules)
    else:
        known = {f"{module_name(cls)}{colon}{qualified_name(cls)}" for cls in classes}
    same = sorted(it for it in known if it.rpartition(colon)[2] == pattern)
    # The end that all have alike makes nothing similar.
    close = same[:1] or get_close_matches(pattern.removesuffix(end), known, n=1, cutoff=ALIKE)
    return f"; did you mean {close[0] + end!r}?" if close else f"; {EXPECTED}"
