"""The built-in root providers, in search order within a wave."""

from leakwatch.heap.roots.frames import frame_roots
from leakwatch.heap.roots.namespaces import class_roots, module_roots
from leakwatch.heap.roots.registries import (
    context_roots,
    exception_roots,
    executor_roots,
    finalize_roots,
    garbage_roots,
    hook_roots,
    logging_roots,
    loop_roots,
    signal_roots,
    thread_local_roots,
    thread_roots,
)
from leakwatch.heap.roots.root import RootProvider

PROVIDERS: tuple[RootProvider, ...] = (
    signal_roots,
    context_roots,
    logging_roots,
    finalize_roots,
    exception_roots,
    hook_roots,
    garbage_roots,
    executor_roots,
    thread_roots,
    loop_roots,
    thread_local_roots,
    module_roots,
    class_roots,
    frame_roots,
)
