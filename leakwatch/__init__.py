"""Find memory leaks: which objects outlived their work, what holds them, what to cut.

    with leakwatch.scope("checkout", discover=True) as scope:
        checkout()
    print(scope.report)

PYTEST_DONT_REWRITE: imported before pytest or after, this package is the same.
"""

from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

# Now and not with the first scope: a test may replace `time.sleep` or `gc.collect` until then.
from leakwatch import interpreter as interpreter
from leakwatch.guest import collector as collector
from leakwatch.guest.importing import held_signals
from leakwatch.presenting import present_with
from leakwatch.version import VERSION

if TYPE_CHECKING:
    from leakwatch.api import check, hunt, scope, track, watch, why
    from leakwatch.errors import LeakError, LeakWarning, NotTrackable
    from leakwatch.hookspecs import hookimpl
    from leakwatch.report import Report
    from leakwatch.tracking.tracked_classes import tracked

__all__ = [
    "LeakError",
    "LeakWarning",
    "NotTrackable",
    "Report",
    "check",
    "hookimpl",
    "hunt",
    "scope",
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
    "check": "api",
    "hookimpl": "hookspecs",
    "hunt": "api",
    "scope": "api",
    "track": "api",
    "tracked": "tracking.tracked_classes",
    "watch": "api",
    "why": "api",
}
"""Module of each name, imported when the name is first asked for.

Frozen dataclasses alone take 15 ms to make, and pluggy 18 to import: a program that looks for
leaks on request only should not pay for it when it starts.
"""


def _imported(home: str) -> ModuleType:
    # A signal handler that asks for a name meanwhile, on the same thread, would get half a module.
    with held_signals():
        return import_module(f"leakwatch.{home}")


def __getattr__(name: str) -> Any:
    if name not in HOMES:
        raise AttributeError(f"module 'leakwatch' has no attribute {name!r}")
    found = getattr(_imported(HOMES[name]), name)
    # Two threads may both come here; the import gives both the same object.
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


def _presenter() -> Any:
    from leakwatch.session import presenter

    return presenter()


present_with(_presenter)
