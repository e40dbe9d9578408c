"""Who else watches the program: coverage and debuggers keep frames, and cost time."""

import sys
from collections.abc import Iterator
from typing import Any


def tracers() -> list[str]:
    """The tools that trace or monitor this thread, by the module they come from."""
    return list(dict.fromkeys((*hooked(), *monitoring())))


def hooked() -> Iterator[str]:
    """What `sys.settrace` and `sys.setprofile` were given."""
    for hook in (sys.gettrace(), sys.getprofile()):
        if hook is not None:
            module = getattr(hook, "__module__", None) or type(hook).__module__
            yield str(module).partition(".")[0]


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
