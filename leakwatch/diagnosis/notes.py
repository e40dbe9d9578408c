"""What else the reader should know of a path, in sentences: how large is the cache on it?"""

import inspect
import re
from collections.abc import Sequence
from functools import cached_property
from types import FunctionType

from leakwatch.heap.fields import code_of, entry
from leakwatch.heap.objects import class_attributes, instance_namespace, mro
from leakwatch.paths.names.callables import LRU_WRAPPER, cached_function
from leakwatch.paths.names.references import Step

CACHED_ARGUMENT = re.compile(r"\.<cached argument (\d+)>")
ONE_VALUE = "one value and no more"
"""How a note ends on a place that is made for one value, whatever is done again."""
VARIADIC = inspect.CO_VARARGS | inspect.CO_VARKEYWORDS
_info_of = LRU_WRAPPER.__dict__["cache_info"]


def notes_on(steps: Sequence[Step]) -> tuple[str, ...]:
    """A sentence for each cache and each cached property on a path.

    Args:
        steps: the named references with their holders.

    Returns:
        plain text without the names of objects of the program, code apart.
    """
    return tuple(note for step in steps if (note := note_on(step)))


def note_on(step: Step) -> str:
    """What to know of the place that holds the next object, or nothing."""
    if type(step.holder) is LRU_WRAPPER:
        return note_on_cache(step)
    return note_on_property(step)


def note_on_property(step: Step) -> str:
    """Whether an attribute is what a `cached_property` computed."""
    if not is_cached_property(step):
        return ""
    name = step.named.name.removeprefix(".")
    return f"{name} is a cached_property: of each object it keeps {ONE_VALUE}"


def keeps_one_value(step: Step) -> bool:
    """Whether the place that holds the next object has room for one value and no more."""
    if type(step.holder) is LRU_WRAPPER:
        return takes_no_argument(step.holder)
    return is_cached_property(step)


def is_cached_property(step: Step) -> bool:
    """Whether the reference is the attribute that a `cached_property` has computed."""
    name = step.named.name.removeprefix(".")
    for cls in mro(type(step.holder)):
        if name in class_attributes(cls):
            return type(class_attributes(cls)[name]) is cached_property
    return False


def note_on_cache(step: Step) -> str:
    """Whose cache it is, which argument is kept, how full the cache is and how full it may be."""
    wrapper = step.holder
    # The C method of the type itself: it runs no code of the program.
    _, _, most, entries = _info_of(wrapper)
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
