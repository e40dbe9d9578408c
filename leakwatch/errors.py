"""Everything leakwatch raises or warns about: one family, each saying what to do next."""


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


class ReportFileError(LeakwatchError, ValueError):
    """A report file cannot be read or written; the message says where and why."""


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
