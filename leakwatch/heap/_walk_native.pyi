from leakwatch.heap._walk_pure import HeapGraph, census, of_types

__all__ = ["HeapGraph", "census", "of_types"]
