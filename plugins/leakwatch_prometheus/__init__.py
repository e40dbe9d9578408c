"""Causes of leaks, and the looks of monitors, as metrics of prometheus_client.

    leakwatch_prometheus.export()

Before that line nothing is imported, and no hook is there to be called.

PYTEST_DONT_REWRITE: imported before pytest or after, this package is the same.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from prometheus_client import CollectorRegistry

__all__ = ["export", "flush"]


def export(registry: "CollectorRegistry | None" = None, *, most_causes: int = 100) -> None:
    """Count what is found in this process, and in children that are forked from it, from now on.

    In a program of several processes set `PROMETHEUS_MULTIPROC_DIR`, as for all metrics of
    prometheus_client.

    Args:
        registry: where the metrics belong; None for the one that is exposed by default. A
            second call for the same registry changes nothing.
        most_causes: how many causes have series of their own in a process; those found later are
            counted together, as the signature `other`.

    Raises:
        ConfigurationError: `most_causes` is no number above 0.
        ImportError: prometheus_client is not installed.
    """
    from leakwatch_prometheus.exporting import start

    start(registry, most_causes)


def flush() -> None:
    """Count what was found so far, for a process that is about to end by `os._exit`.

    Any other end does that by itself.
    """
    from leakwatch_prometheus import exporting

    exporting.flush()
