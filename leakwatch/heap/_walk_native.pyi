from leakwatch.heap._walk_pure import HeapGraph, by_type, of_types

__all__ = ["HeapGraph", "by_type", "of_types"]
