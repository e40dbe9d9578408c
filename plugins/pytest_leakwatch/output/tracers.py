"""Who else watches the program: coverage and debuggers keep frames, and cost time."""

import sys
from collections.abc import Iterator
from types import FunctionType, MethodType
from typing import Any

from leakwatch.integration import function_of, module_name, own_text


def tracers() -> list[str]:
    """The tools that trace or monitor this thread, by the module they come from."""
    return list(dict.fromkeys((*hooked(), *monitoring())))


def hooked() -> Iterator[str]:
    """What `sys.settrace` and `sys.setprofile` were given."""
    hooks: tuple[Any, ...] = (sys.gettrace(), sys.getprofile())
    for hook in hooks:
        if hook is not None:
            function = function_of(hook) if type(hook) is MethodType else hook
            own = own_text(function, "__module__") if type(function) is FunctionType else ""
            yield (own or module_name(type(function))).partition(".")[0]


def monitoring() -> Iterator[str]:
    """The tools of `sys.monitoring`, from CPython 3.12 on."""
    monitor: Any = getattr(sys, "monitoring", None)
    if monitor is not None:
        yield from filter(None, map(monitor.get_tool, range(6)))


def told(names: list[str]) -> list[str]:
    """A note for the report, if there are any."""
    if not names:
        return []
    who = ", ".join(names)
    return [f"{who} traced the tests: it may keep objects, and it takes time that is not ours"]
