"""What is told of the holders on a path: whose cache one is, and how much it may hold.

A bounded cache grows and then stops; what is made for one value never grows.
"""

import inspect as functions
import re
from collections import deque
from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import chain, zip_longest
from types import FunctionType
from typing import Any, cast

from leakwatch.heap.fields import (
    c_field,
    class_attribute,
    code_of,
    entry,
    inherits,
    mro,
    named_entries,
    read,
    slots_of,
)
from leakwatch.heap.objects import PerClass, instance_namespace, type_name
from leakwatch.paths.names.name import LRU_WRAPPER, cached_function
from leakwatch.paths.names.references import Step

CACHED_ARGUMENT = re.compile(r"\.<cached argument (\d+)>")
ONE_VALUE = "one value and no more"
"""How a note ends on a place that is made for one value, whatever is done again."""
VARIADIC = functions.CO_VARARGS | functions.CO_VARKEYWORDS
cache_info_of = LRU_WRAPPER.__dict__["cache_info"]
WORDS = ("maxsize", "max_size", "maxlen", "max_entries", "limit", "capacity")
"""How containers of all libraries name the most that they hold; without underscores in front."""
OF_ENTRIES = frozenset(WORDS) - {"limit"}
"""Those that can mean nothing else; a limit is as often one of requests, bytes or seconds."""
SIZED = (dict, list, set)
"""What an object that has a bound keeps its entries in."""


def notes_on(steps: Sequence[Step]) -> Iterator[str]:
    """Yield what is told of the holders on a path, that of the root first.

    A sentence for each cache, each cached property, and each number for how much a holder may hold.
    Plain text without the names of objects of the program, code apart.

    Args:
        steps: the named references with their holders.
    """
    for step, below in zip_longest(steps, steps[1:]):
        name = step.named.name.removeprefix(".")
        if type(step.holder) is LRU_WRAPPER:
            yield note_on_cache(step)
        elif is_cached_property(step):
            yield f"{name} is a cached_property: of each object it keeps {ONE_VALUE}"
        if inherits(type(step.holder), deque) and (most := maxlen_of(step.holder)) is not None:
            yield f"the deque holds at most {most:,}"
        container = entries_in(step.holder) or (0 if below is None else entries_in(below.holder))
        for bound, most in limits_of(step.holder):
            if container <= most:  # else it does not keep to it
                yield f"{type_name(type(step.holder))} has {bound} = {most:,}: it may stop there"


def entries_in(holder: Any) -> int:
    """How many entries a dict, list or set has; 0 of other objects. Its own code is not asked."""
    return next((base.__len__(holder) for base in SIZED if inherits(type(holder), base)), 0)


def is_cached_property(step: Step) -> bool:
    """Whether the reference is the attribute that a `cached_property` has computed."""
    name = step.named.name.removeprefix(".")
    if name.startswith("["):
        return False
    found = (class_attribute(cls, name) for cls in mro(type(step.holder)))
    return type(next((it for it in found if it is not None), None)) is cached_property


def note_on_cache(step: Step) -> str:
    """Whose cache it is, which argument is kept, how full the cache is and how full it may be."""
    wrapper = step.holder
    # The C method of the type itself: it runs no code of the program.
    _, _, most, entries = cache_info_of(wrapper)
    bound = f"of at most {most:,}" if most is not None else "without a bound"
    whose, entry = cached_function(wrapper), "entry" if entries == 1 else "entries"
    if takes_no_argument(wrapper):
        return f"{whose}() takes no argument, so its cache keeps {ONE_VALUE}"
    return f"the cache of {whose}() keeps {kept_by(step)}: {entries:,} {entry} {bound}"


def takes_no_argument(wrapper: object) -> bool:
    """Whether a cache is that of a function in Python without arguments."""
    function = entry(instance_namespace(wrapper), "__wrapped__")
    if type(function) is not FunctionType:
        return False
    code = code_of(function)
    return not (code.co_argcount or code.co_kwonlyargcount or code.co_flags & VARIADIC)


def kept_by(step: Step) -> str:
    """Which part of an entry leads on: `argument 'self'`, or the result."""
    found = CACHED_ARGUMENT.fullmatch(step.named.name)
    if found is None:
        return "the result"
    return f"argument {argument_name(step.holder, int(found[1]))}"


def argument_name(wrapper: object, index: int) -> str:
    """The name of a positional argument as the function has it, else its number."""
    function = entry(instance_namespace(wrapper), "__wrapped__")
    if type(function) is not FunctionType or index >= code_of(function).co_argcount:
        return str(index)
    return repr(code_of(function).co_varnames[index])


def most_entries(steps: Sequence[Step], cut: int) -> int | None:
    """How many entries the container that is to be cut holds at most, where it is told; else None.

    Args:
        steps: of the path.
        cut: the position of the reference to cut; -1 where the root itself is.
    """
    if cut < 0:
        return None
    holder = steps[cut].holder
    if type(holder) is LRU_WRAPPER:
        return maxsize_of(holder)
    if inherits(type(holder), deque):
        return maxlen_of(holder)
    owners = (step.holder for step in steps[max(0, cut - 1) : cut + 1])
    found = (most for owner in owners for name, most in limits_of(owner) if is_of_entries(name))
    return min(found, default=None) if any(inherits(type(holder), base) for base in SIZED) else None


def is_of_entries(name: str) -> bool:
    """Whether a bound of that name is one of entries, and not of time, bytes or requests."""
    return name.rpartition("__")[2].lstrip("_") in OF_ENTRIES


def maxsize_of(cache: object) -> int | None:
    """The most that an `lru_cache` holds, or None where it has no bound."""
    _, _, most, _ = cache_info_of(cache)
    return cast(int | None, most)


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
