"""How much a container may hold, where it says so: a bounded cache grows and then stops."""

from collections import deque
from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Any, cast

from leakwatch.diagnosis.verdicts import cache_info_of
from leakwatch.heap.fields import c_field, inherits, mro, named_entries, read, slots_of
from leakwatch.heap.objects import PerClass, instance_namespace, type_name
from leakwatch.paths.names.name import LRU_WRAPPER
from leakwatch.paths.names.references import Step

WORDS = ("maxsize", "max_size", "maxlen", "max_entries", "limit", "capacity")
"""How containers of all libraries name the most that they hold; without underscores in front."""


def bounds_on(steps: Sequence[Step]) -> Iterator[str]:
    """Yield a sentence for each holder on a path that has a number for how much it may hold."""
    for step in steps:
        if inherits(type(step.holder), deque):
            most = maxlen_of(step.holder)
            if most is not None:
                yield f"the deque holds at most {most:,}"
        for name, most in limits_of(step.holder):
            yield f"{type_name(type(step.holder))} has {name} = {most:,}: it may stop there"


def most_entries(holder: object) -> int | None:
    """How many entries a container holds at most, where that is certain; else None."""
    if type(holder) is LRU_WRAPPER:
        _, _, most, _ = cache_info_of(holder)
        return cast(int | None, most)
    return maxlen_of(holder) if inherits(type(holder), deque) else None


def maxlen_of(holder: Any) -> int | None:
    """The most that a deque holds, by the getter of the type itself."""
    most: int | None = c_field(holder, deque, "maxlen")
    return most


def limits_of(holder: object) -> Iterator[tuple[str, int]]:
    """Yield the attributes of an object that are whole numbers and named after a bound."""
    slots = bounding_slots(type(holder)) if has_bounding_slots(type(holder)) else ()
    values = ((name, read(descriptor, holder)) for name, descriptor in slots)
    for name, value in chain(named_entries(instance_namespace(holder)), values):
        if type(value) is int and value > 0 and name.endswith(WORDS):
            yield name, value


def bounding_slots(cls: type) -> Iterator[tuple[str, Any]]:
    """Yield the slots of a class and its bases that are named after a bound."""
    for base in mro(cls):
        for name, descriptor in slots_of(base):
            if type(name) is str and name.endswith(WORDS):
                yield name, descriptor


@PerClass
def has_bounding_slots(cls: type) -> bool:
    """Whether there is one: every holder is asked, and most are lists and dicts."""
    return any(True for _ in bounding_slots(cls))
