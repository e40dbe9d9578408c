"""The built-in root providers, in search order within a wave."""

from leakwatch.heap.roots.frames import frame_roots
from leakwatch.heap.roots.namespaces import class_roots, module_roots, own_roots
from leakwatch.heap.roots.registries import PROVIDERS as REGISTRIES
from leakwatch.heap.roots.root import RootProvider

PROVIDERS: tuple[RootProvider, ...] = (
    *REGISTRIES,
    module_roots,
    class_roots,
    frame_roots,
    own_roots,
)
