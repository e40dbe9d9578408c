"""The environment of this process, for its reports."""

import platform
import sysconfig

from leakwatch.environment import Environment
from leakwatch.heap.walk import IMPLEMENTATION
from leakwatch.version import VERSION
from weakrefs import core


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
