"""Causes of leaks as events of Sentry: each cause is one issue.

    leakwatch_sentry.export()

Before that line nothing is imported, and no hook is there to be called.

PYTEST_DONT_REWRITE: imported before pytest or after, this package is the same.
"""

__all__ = ["export", "flush"]


def export(*, most_causes: int = 100) -> None:
    """Send an event for each cause that is found in this process, and in children forked from it.

    A cause has one event in each process, by the client that `sentry_sdk.init` has made by then.
    Its fingerprint is the signature, so that those of all processes and releases are one issue. No
    value of the program is in it: no key, no variable, nothing of a request. A second call changes
    nothing.

    Args:
        most_causes: how many causes have an event; that there are more is one more event.

    Raises:
        ConfigurationError: `most_causes` is no number above 0.
        ImportError: sentry_sdk is not installed.
    """
    from leakwatch_sentry.exporting import start

    start(most_causes)


def flush() -> None:
    """Hand what was found so far to the client, before an `os._exit`; then `sentry_sdk.flush()`."""
    from leakwatch_sentry import exporting

    exporting.flush()
