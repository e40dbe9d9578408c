"""Find memory leaks: which objects outlived their work, what holds them, what to cut.

    with leakwatch.scope("checkout", discover=True) as scope:
        checkout()
    print(scope.report)

PYTEST_DONT_REWRITE: imported before pytest or after, this package is the same.
"""

import os
from typing import TYPE_CHECKING, Any

# Now and not with the first scope: a test may replace `time.sleep` or `gc.collect` until then.
from leakwatch import interpreter as interpreter
from leakwatch.guest import collector as collector
from leakwatch.guest.importing import held_signals, names_from
from leakwatch.presenting import present_with
from leakwatch.version import VERSION

if TYPE_CHECKING:
    from leakwatch.api import check, growing, hunt, monitor, scope, snapshot, track, watch, why
    from leakwatch.errors import LeakError, LeakWarning, NotTrackable
    from leakwatch.hookspecs import hookimpl
    from leakwatch.report import Report
    from leakwatch.snapshots.reading import Snapshot
    from leakwatch.tracking.tracked_classes import tracked

__all__ = [
    "LeakError",
    "LeakWarning",
    "NotTrackable",
    "Report",
    "Snapshot",
    "check",
    "growing",
    "hookimpl",
    "hunt",
    "monitor",
    "scope",
    "snapshot",
    "track",
    "tracked",
    "watch",
    "why",
]

__version__ = VERSION

HOMES = {
    "LeakError": "errors",
    "LeakWarning": "errors",
    "NotTrackable": "errors",
    "Report": "report",
    "Snapshot": "snapshots.reading",
    "check": "api",
    "growing": "api",
    "hookimpl": "hookspecs",
    "hunt": "api",
    "monitor": "api",
    "scope": "api",
    "snapshot": "api",
    "track": "api",
    "tracked": "tracking.tracked_classes",
    "watch": "api",
    "why": "api",
}
"""Module of each name, imported when the name is first asked for.

Frozen dataclasses alone take 15 ms to make, and pluggy 18 to import: a program that looks for
leaks on request only should not pay for it when it starts.
"""


if not TYPE_CHECKING:  # a type checker would take any misspelt name for one of these
    __getattr__ = names_from(HOMES, globals())


def __dir__() -> list[str]:
    return sorted([*__all__, *(name for name in globals() if name.startswith("__"))])


def _presenter() -> Any:
    from leakwatch.session import presenter

    return presenter()


present_with(_presenter)


def _let_in(variable: str, value: str) -> None:
    """Open the way in that the environment asks for; a program goes on without it."""
    with held_signals():
        from leakwatch import api
        from leakwatch.errors import DoorError, FaultWarning
        from leakwatch.isolation.calls import warn

    try:
        if variable == "LEAKWATCH_DOOR":
            api.open_door(in_children=True)
        elif variable == "LEAKWATCH_SIGNAL":
            api.write_on_signal(value)
        else:
            api.write_near_limit(value)
    except DoorError as error:
        warn(f"{variable}: {error}", FaultWarning, 2)


for _variable in ("LEAKWATCH_DOOR", "LEAKWATCH_SIGNAL", "LEAKWATCH_SNAPSHOT_AT"):
    if os.environ.get(_variable, "") not in {"", "0"}:
        _let_in(_variable, os.environ[_variable])
