"""Whether the value of a weak mapping's entry leads back to its key, which then keeps the entry."""

from collections.abc import Iterator, Sequence
from types import FrameType, FunctionType
from typing import Any

from leakwatch.heap.fields import entries, inherits, own_field, own_text
from leakwatch.heap.objects import (
    ATOMS,
    PerClass,
    identities,
    instance_namespace,
    is_class,
    is_exactly,
    is_module,
    type_name,
)
from leakwatch.heap.roots.namespaces import found_at, is_permanent
from leakwatch.heap.structural_types import MAPPINGS
from leakwatch.interpreter import get_referents
from leakwatch.paths.names.references import Step
from weakrefs import ReferenceType

WEAK_KEYS = frozenset({"weakref.WeakKeyDictionary", "weakrefs.key_dictionary.WeakKeyDictionary"})
LASTING = ATOMS | identities((FrameType,))
FARTHEST = 10_000
"""Objects behind a value that are looked at."""


def holds_its_key(steps: Sequence[Step], survivor: object) -> bool:
    """Whether the value in a weak mapping, on a path out of that, reaches its own key.

    Args:
        steps: of the path, from the mapping on.
        survivor: what is at the end of the path.
    """
    return own_key([*(step.holder for step in steps[1:]), survivor]) is not None


def key_that_is_reached(chain: Sequence[object]) -> object | None:
    """The key of a weak mapping on a path that the value of its entry leads back to, if any.

    Args:
        chain: the objects of the path, the survivor last.
    """
    for at, found in enumerate(chain):
        if is_weak_mapping(found):
            return own_key([it for it in chain[at + 1 :] if it is not instance_namespace(found)])
    return None


def is_weak_mapping(found: object) -> bool:
    """Whether an object is a mapping with weak keys, of the standard library or of `weakrefs`."""
    return _is_weak_mapping(type(found))


@PerClass
def _is_weak_mapping(cls: type) -> bool:
    return type_name(cls) in WEAK_KEYS


def own_key(below: Sequence[object]) -> object | None:
    """The key of an entry that the value leads back to.

    Args:
        below: the dict of a weak mapping, the value in it, and what comes after.
    """
    if len(below) < 2 or not is_exactly(below[0], MAPPINGS):
        return None
    keys = (key for key, value in entries(below[0]) if value is below[1])
    key: Any = next(keys, None)
    referent = ReferenceType.__call__(key) if inherits(type(key), ReferenceType) else None
    return referent if any(it is referent for it in behind(below[1])) else None


def behind(value: object) -> Iterator[object]:
    """What an object leads to, the nearest first; not by way of what lasts as long as a module."""
    seen = {id(value)}
    queue = [value]
    for found in queue:
        if len(queue) > FARTHEST:
            return
        for child in held_by(found):
            if id(child) not in seen and not is_lasting(child):
                seen.add(id(child))
                queue.append(child)
                yield child


def held_by(holder: object) -> list[object]:
    """What an object refers to; a function without its globals, which are its module's."""
    found = get_referents(holder)
    if type(holder) is not FunctionType:
        return found
    outside = own_field(holder, "__globals__"), own_field(holder, "__builtins__")
    return [it for it in found if all(it is not namespace for namespace in outside)]


def is_lasting(found: object) -> bool:
    """Whether something lives as long as a module: what it leads to is not kept by the value.

    A class or a function made at run time is not; objects keep their classes.
    """
    if type(found) is FunctionType:
        return found_at(own_text(found, "__module__"), own_text(found, "__qualname__")) is found
    if is_class(found):
        return is_permanent(found)
    return is_exactly(found, LASTING) or is_module(found)
