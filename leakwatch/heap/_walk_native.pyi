from leakwatch.heap._walk_pure import (
    HeapGraph,
    addresses,
    census,
    lengths,
    of_kinds,
    of_other_types,
    of_types,
    untracked_containers,
)

__all__ = [
    "HeapGraph",
    "addresses",
    "census",
    "lengths",
    "of_kinds",
    "of_other_types",
    "of_types",
    "untracked_containers",
]
