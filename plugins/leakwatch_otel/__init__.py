"""Causes of leaks, and the looks of monitors, through the OpenTelemetry API: metrics and logs.

    leakwatch_otel.export()

Before that line nothing is imported, and no hook is there to be called.

PYTEST_DONT_REWRITE: imported before pytest or after, this package is the same.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from opentelemetry._logs import LoggerProvider
    from opentelemetry.metrics import MeterProvider

__all__ = ["export", "flush"]


def export(
    meter_provider: "MeterProvider | None" = None,
    logger_provider: "LoggerProvider | None" = None,
    *,
    most_causes: int = 100,
    logs: bool = True,
) -> None:
    """Count what is found in this process, and in children that are forked from it, from now on.

    A second call changes nothing.

    Args:
        meter_provider: whose meter has the instruments; None for the global one.
        logger_provider: whose logger gets a record for each cause; None for the global one.
        most_causes: how many causes have attributes of their own in a process; those found later
            are counted together, as the signature `other`, and have no record.
        logs: whether there are records. Not where the handlers of `logging` send the records of
            the logger `leakwatch` the same way.

    Raises:
        ConfigurationError: `most_causes` is no number above 0.
        ImportError: opentelemetry-api is not installed.
    """
    from leakwatch_otel.exporting import start

    start(meter_provider, logger_provider, most_causes, logs=logs)


def flush() -> None:
    """Count what was found so far, before `force_flush` of the providers or an `os._exit`."""
    from leakwatch_otel import exporting

    exporting.flush()
