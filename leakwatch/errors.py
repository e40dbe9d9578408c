"""Everything leakwatch raises or warns about: one family, each saying what to do next."""

from collections.abc import Mapping
from os import PathLike, fspath


class LeakwatchError(Exception):
    """Base of every error that leakwatch raises on its own behalf."""


class NotTrackable(LeakwatchError, TypeError):
    """The object cannot be referenced weakly, so it cannot be tracked.

    The message names the type and the remedy.
    """


class ScopeError(LeakwatchError, RuntimeError):
    """A scope was used twice, after its end, or where none is open."""


class ConfigurationError(LeakwatchError, ValueError):
    """An option has a value that leakwatch does not understand."""


class DoorError(LeakwatchError, RuntimeError):
    """A door of a process cannot be opened, or gives no answer; the message says what helps."""


class ReportFileError(LeakwatchError, ValueError):
    """A report file cannot be read or written; the message says where and why."""


class SnapshotError(LeakwatchError, ValueError):
    """A snapshot cannot be written or read; the message says where and why."""


class LeakError(LeakwatchError, AssertionError):
    """Objects outlived their scope.

    Attributes:
        report: the `leakwatch.Report`, plain data without the objects themselves.
    """

    def __init__(self, message: str, report: object = None) -> None:
        super().__init__(message)
        self.report = report


class PluginError(LeakwatchError, RuntimeError):
    """What a plugin offers raised, or answered something else than it has to.

    The message names the plugin, and so does `leakwatch plugins`.
    """


class LeakWarning(ResourceWarning):
    """Objects outlived their scope, and the scope was asked to warn."""


class FaultWarning(UserWarning):
    """leakwatch itself failed; what it was asked to judge is not judged."""


class PluginWarning(UserWarning):
    """A plugin raised or could not be loaded; the run went on without it."""


LONGEST = 80
"""Characters of what is quoted from an input, whatever was given."""
LONGEST_PLACE = 255
"""Characters of a path: a deep tree is a reason for a long one, which is opened as it stands."""


def shortened(text: str, longest: int = LONGEST) -> str:
    """A text without its middle where it is long: both ends help to find it."""
    if len(text) <= longest:
        return text
    half = (longest - 1) // 2
    return f"{text[:half]}…{text[-half:]}"


def shown_path(path: str | PathLike[str]) -> str:
    """The name of a file or folder for a message."""
    return shortened(fspath(path), LONGEST_PLACE)


def quoted(value: object) -> str:
    """A value that was read from an input, as Python would write it and not long.

    For strings, numbers, dates, lists and dicts of these; `repr` of others may run any code.
    """
    if type(value) is str:
        return repr(shortened(value, LONGEST - 2))
    try:
        return shortened(repr(value))
    except (ValueError, RecursionError, MemoryError):
        # A number of more than 4,300 digits, which TOML takes in hexadecimal, or a deep list.
        return "a huge number" if type(value) is int else f"a huge {type(value).__name__}"


def did_you_mean(name: str, known: Mapping[str, object] | set[str]) -> str:
    """The closest known name, or all of them."""
    from difflib import get_close_matches  # of no use to a program that only imports leakwatch

    close = get_close_matches(name.replace("-", "_"), known, n=1)
    if close:
        return f"; did you mean {close[0]!r}?"
    return f"; expected one of {', '.join(sorted(known))}"
