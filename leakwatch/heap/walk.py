"""The seam between the native and the pure walk: chosen once, here, and it can be asked.

`LEAKWATCH_PURE=1` in the environment asks for the pure walk. The native one does not
exist yet; when it does, this file is the only one that knows.
"""

from leakwatch.heap._walk_pure import IMPLEMENTATION, HeapGraph, walk

__all__ = ["IMPLEMENTATION", "HeapGraph", "walk"]
