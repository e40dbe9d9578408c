"""Find memory leaks: which objects outlived their work, what holds them, what to cut.

with leakwatch.scope("checkout", discover=True) as scope:
checkout()
print(scope.report)
"""

from typing import TYPE_CHECKING, Any

from leakwatch.api import check, hunt, scope, track, watch, why
from leakwatch.errors import LeakError, LeakWarning, NotTrackable
from leakwatch.report import Report, present_with
from leakwatch.tracked_classes import tracked

if TYPE_CHECKING:
    from leakwatch.hookspecs import hookimpl

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

__version__ = "0.1.0"


def __getattr__(name: str) -> Any:
    # pluggy costs 18 ms to import and only plugins need the marker.
    if name == "hookimpl":
        from leakwatch.hookspecs import hookimpl

        return hookimpl
    raise AttributeError(f"module 'leakwatch' has no attribute {name!r}")


def _presenter() -> Any:
    from leakwatch.session import presenter

    return presenter()


present_with(_presenter)
