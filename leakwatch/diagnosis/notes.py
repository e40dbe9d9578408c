"""What else the reader should know of a path, in sentences: how large is the cache on it?"""

import re
from collections.abc import Sequence
from types import FunctionType
from typing import Any

from leakwatch.heap.callable_names import LRU_WRAPPER, cached_function
from leakwatch.heap.objects import instance_namespace
from leakwatch.heap.references import Step

CACHED_ARGUMENT = re.compile(r"\.<cached argument (\d+)>")
_info_of = LRU_WRAPPER.__dict__["cache_info"]


def notes_on(steps: Sequence[Step]) -> tuple[str, ...]:
    """A sentence for each bounded or unbounded cache on a path.

    Args:
        steps: the named references with their holders.

    Returns:
        plain text without the names of objects of the program, code apart.
    """
    return tuple(note_on_cache(step) for step in steps if type(step.holder) is LRU_WRAPPER)


def note_on_cache(step: Step) -> str:
    """Whose cache it is, which argument is kept, how full the cache is and how full it may be."""
    wrapper = step.holder
    # The C method of the type itself: it runs no code of the program.
    _, _, most, entries = _info_of(wrapper)
    bound = f"of at most {most:,}" if most is not None else "without a bound"
    whose, entry = cached_function(wrapper), "entry" if entries == 1 else "entries"
    return f"the cache of {whose}() keeps {kept_by(step)}: {entries:,} {entry} {bound}"


def kept_by(step: Step) -> str:
    """Which part of an entry leads on: `argument 'self'`, or the result."""
    found = CACHED_ARGUMENT.fullmatch(step.named.name)
    if found is None:
        return "the result"
    return f"argument {argument_name(step.holder, int(found[1]))}"


def argument_name(wrapper: object, index: int) -> str:
    """The name of a positional argument as the function has it, else its number."""
    function: Any = (instance_namespace(wrapper) or {}).get("__wrapped__")
    if type(function) is not FunctionType or index >= function.__code__.co_argcount:
        return str(index)
    return repr(function.__code__.co_varnames[index])
