"""The process sampled in the background: what the plugins are asked, and what they may count."""

from leakwatch.model import MemorySample
from leakwatch.plugin_manager import Plugins
from leakwatch.report import Report, count_objects
from leakwatch.tracking import count_registered, registered


class Survivors:
    """How many objects outlived their scopes in this process.

    Attributes:
        so_far: the number by now.
    """

    so_far = 0

    def count(self, report: Report) -> None:
        """Add those of a scope, or of the watched objects."""
        if report.kind in {"scope", "check"}:
            self.so_far += count_objects(report.leaks)


survivors = Survivors()


def start_sampler(hooks: Plugins, interval: float) -> None:
    """Let the plugins sample the process, every so many seconds."""
    count_registered()
    counts = {"tracked": registered, "survivors": lambda: survivors.so_far}
    hooks.call("leakwatch_start_sampler", interval=interval, counts=counts)


def stop_sampler(hooks: Plugins) -> tuple[MemorySample, ...]:
    """What they sampled; nothing where no plugin samples."""
    told = hooks.call("leakwatch_stop_sampler")
    return tuple(told[0][1]) if told else ()
