"""The process sampled in the background: what the plugins are asked, and what they may count."""

import platform
import sysconfig

from leakwatch.heap.graph import IMPLEMENTATION
from leakwatch.model import MemorySample
from leakwatch.model.environment import Environment
from leakwatch.plugin_manager import Plugins
from leakwatch.report import Report, count_objects
from leakwatch.tracking.handles import count_registered, registered
from leakwatch.version import VERSION
from weakrefs import core


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


def here(plugins: dict[str, str]) -> Environment:
    """Where reports of this process are made.

    Args:
        plugins: version by name.
    """
    return Environment(
        python=platform.python_version(),
        implementation=f"{platform.python_implementation()}{build()}",
        platform=system(),
        leakwatch=VERSION,
        heap_walk=IMPLEMENTATION,
        weak_containers=core.IMPLEMENTATION,
        plugins=plugins,
    )


def system() -> str:
    """`Linux x86_64, glibc 2.36`: the allocator is the C library's."""
    library = " ".join(filter(None, platform.libc_ver()))
    return ", ".join(filter(None, [f"{platform.system()} {platform.machine()}", library]))


def build() -> str:
    """The kind of build, where it is not the usual one."""
    kinds = {"Py_GIL_DISABLED": "free-threaded", "Py_DEBUG": "debug"}
    found = [kind for name, kind in kinds.items() if sysconfig.get_config_var(name)]
    return f" ({', '.join(found)})" if found else ""
