"""The built-in root providers, in search order within a wave."""

from leakwatch.heap.asyncio_roots import loop_roots
from leakwatch.heap.frame_roots import frame_roots
from leakwatch.heap.namespace_roots import class_roots, module_roots, own_roots
from leakwatch.heap.registry_roots import PROVIDERS as REGISTRIES
from leakwatch.heap.roots import RootProvider
from leakwatch.heap.thread_local_roots import thread_local_roots

PROVIDERS: tuple[RootProvider, ...] = (
    *REGISTRIES,
    loop_roots,
    thread_local_roots,
    module_roots,
    class_roots,
    frame_roots,
    own_roots,
)
