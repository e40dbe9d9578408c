"""Whether code is leakwatch's own, the program's, or a library's."""

import os
import sys
from threading import Thread
from types import FrameType, ModuleType

from leakwatch.heap.fields import entry, globals_of, loaded, module_namespace, text
from leakwatch.heap.objects import instance_namespace, is_module
from leakwatch.interpreter import (
    active_thread_count,
    current_thread_id,
    enumerate_threads,
    get_frame,
)

OWN_PACKAGES = frozenset(
    {
        "leakwatch",
        "weakrefs",
        "pytest_leakwatch",
        "leakwatch_asgi",
        "leakwatch_dask",
        "leakwatch_explorer",
        "leakwatch_html",
        "leakwatch_jupyter",
        "leakwatch_logging",
        "leakwatch_mcp",
        "leakwatch_memory",
        "leakwatch_numpy",
        "leakwatch_objgraph",
        "leakwatch_otel",
        "leakwatch_pandas",
        "leakwatch_parquet",
        "leakwatch_pillow",
        "leakwatch_prometheus",
        "leakwatch_pyarrow",
        "leakwatch_sentry",
        "leakwatch_tasks",
        "leakwatch_torch",
        "leakwatch_workers",
        "leakwatch_wsgi",
    }
)
"""Packages of this distribution: their frames and modules never appear on a path.

A list, though plugins are announced by entry points: one of somebody else may lie inside the
program's own package, and to read what is announced takes longer than a clean scope may.
"""

STANDARD_LIBRARY = os.path.dirname(os.__file__)
INSTALLED = (f"{os.sep}site-packages{os.sep}", f"{os.sep}dist-packages{os.sep}")


def is_own_module(name: str) -> bool:
    """Whether a module belongs to leakwatch itself."""
    return name.partition(".")[0] in OWN_PACKAGES


def is_own_frame(frame: FrameType) -> bool:
    """Whether a frame runs leakwatch's own code."""
    return are_own_globals(globals_of(frame))


def are_own_globals(namespace: dict[str, object]) -> bool:
    """Whether code with these globals is leakwatch's own."""
    return is_own_module(text(entry(namespace, "__name__")) or "")


def is_installed_file(path: str) -> bool:
    """Whether a source file belongs to an installed package."""
    return any(part in path for part in INSTALLED)


def is_library_file(path: str) -> bool:
    """Whether a source file belongs to the standard library or an installed package."""
    if is_installed_file(path):
        return True
    return path.startswith((STANDARD_LIBRARY, "<frozen", "<__array"))


def is_standard_module(name: str) -> bool:
    """Whether a module's name belongs to the standard library."""
    return name.partition(".")[0] in sys.stdlib_module_names


def is_installed_module(name: str) -> bool:
    """Whether a module's name belongs to an installed package, by where it, or that, was loaded."""
    if is_own_module(name) or is_standard_module(name):
        return False
    for known in (name, name.partition(".")[0]):
        module = loaded(known)
        if is_module(module):
            path = text(entry(module_namespace(module), "__file__"))
            if path is not None:
                return is_installed_file(path)
    return False


def is_library_module(name: str, module: ModuleType) -> bool:
    """Whether a module is not the program's own code.

    A module without a file is built in or frozen, except `__main__` of `-c` and of the
    interactive interpreter.
    """
    if name == "__main__":
        return False
    path = text(entry(module_namespace(module), "__file__"))
    return is_library_file(path) if path is not None else True


def asking_frame() -> FrameType | None:
    """The innermost running frame of this thread that is not leakwatch's own."""
    frame: FrameType | None = get_frame(0)
    while frame is not None:
        namespace = globals_of(frame)
        if _own_globals.get(id(namespace)) is not namespace:
            if not are_own_globals(namespace):
                break
            _note_own(namespace)
        frame = frame.f_back
    return frame


_own_globals: dict[int, dict[str, object]] = {}
"""Globals of leakwatch's own modules by id: each scope that discovers asks for half a dozen."""


def _note_own(namespace: dict[str, object]) -> None:
    module = loaded(text(entry(namespace, "__name__")) or "")
    # Code that the program runs under a name of ours is as good as ours, but may go any time.
    if is_module(module) and module_namespace(module) is namespace:
        _own_globals[id(namespace)] = namespace


def asking_globals() -> frozenset[int]:
    """Ids of what the globals of the asking module refer to at this moment."""
    frame = asking_frame()
    return frozenset(map(id, dict.values(globals_of(frame)))) if frame is not None else frozenset()


def threads_by_identity() -> dict[int, Thread]:
    """The threads that are alive, in the order in which they were started."""
    threads = {}
    for thread in enumerate_threads():
        identity = entry(instance_namespace(thread), "_ident")
        if type(identity) is int:
            threads[identity] = thread
    return threads


def others_at_work() -> frozenset[tuple[int, int]]:
    """The other threads of now: identity, which a later thread may get again, and id of each."""
    if active_thread_count() == 1:
        return frozenset()
    own = current_thread_id()
    threads = threads_by_identity()
    return frozenset((identity, id(it)) for identity, it in threads.items() if identity != own)
