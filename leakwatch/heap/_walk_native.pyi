from leakwatch.heap._walk_pure import HeapGraph, census, of_kinds, of_types, untracked_dicts

__all__ = ["HeapGraph", "census", "of_kinds", "of_types", "untracked_dicts"]
