"""Patterns of types that fit no class: a misspelt one finds nothing, which is no clean answer.

Only what the interpreter has is looked at. Nothing is imported, and no code of the program runs.
"""

import re
import sys
from collections.abc import Iterable, Iterator

from leakwatch.errors import quoted
from leakwatch.heap.fields import entry, loaded, module_name, module_namespace, subclasses, text
from leakwatch.heap.objects import full_type_name, is_module, qualified_name

WILDCARDS = "*?["
EXPECTED = "expected `module:Class`, wildcards allowed, such as 'shop.models:*'"
ALIKE = 0.7
"""From here on a name is taken for a misspelt one of another."""
_fitting: set[str] = set()
"""Patterns that have fitted a class of this process before."""


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
    given = (text(it) for it in patterns)
    missing = [it for it in given if it is not None and it not in _fitting]
    if not missing:
        return {}
    names = {full_type_name(cls) for cls in loaded_classes()}
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


def loaded_classes() -> Iterator[type]:
    """Every class of the process, once; known by identity, as a metaclass may define `==`."""
    seen = {id(object)}
    waiting: list[type] = [object]
    while waiting:
        cls = waiting.pop()
        yield cls
        for sub in subclasses(cls):
            if id(sub) not in seen:
                seen.add(id(sub))
                waiting.append(sub)


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
    classes = list(loaded_classes())
    end = f"{colon}*" if pattern.endswith(f"{colon}*") else ""
    if end:
        known = {module_name(cls) for cls in classes} | set(sys.modules)
    else:
        known = {f"{module_name(cls)}{colon}{qualified_name(cls)}" for cls in classes}
    same = sorted(it for it in known if it.rpartition(colon)[2] == pattern)
    # The end that all have alike makes nothing similar.
    close = same[:1] or get_close_matches(pattern.removesuffix(end), known, n=1, cutoff=ALIKE)
    return f"; did you mean {close[0] + end!r}?" if close else f"; {EXPECTED}"
