from leakwatch.heap._walk_pure import HeapGraph, of_types

__all__ = ["HeapGraph", "of_types"]
