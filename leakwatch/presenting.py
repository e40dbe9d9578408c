"""The port through which a report reaches its renderers, which come in through plugins.

`import leakwatch` connects it to the session; nothing in this module imports upwards. It stands
alone because a dataclass takes long to make, and `import leakwatch` makes none.
"""

from collections.abc import Callable
from os import PathLike
from typing import TYPE_CHECKING, Protocol

from leakwatch.errors import LeakwatchError

if TYPE_CHECKING:
    from leakwatch.report import Report


class Presenter(Protocol):
    """What a report needs in order to be shown, saved and loaded."""

    def text(self, report: "Report") -> str:
        """The report as plain text."""

    def fragment(self, report: "Report") -> str | None:
        """The report as a piece of HTML for a notebook, or None if no plugin offers one."""

    def save(self, report: "Report", path: str | PathLike[str]) -> None:
        """Write the report in the format that the suffix of the path names."""

    def load(self, path: str | PathLike[str]) -> "Report":
        """Read a report that was saved as JSON."""


_factories: list[Callable[[], Presenter]] = []


def present_with(factory: Callable[[], Presenter]) -> None:
    """Let reports show themselves through what this gives; asked at each use, not before."""
    _factories[:] = [factory]


def presenter() -> Presenter:
    if not _factories:
        raise LeakwatchError("no renderer is installed: `import leakwatch` installs one")
    return _factories[0]()
