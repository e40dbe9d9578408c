"""What takes long over the columns of a file, in C where that was compiled; see `heap.graph`."""

from leakwatch.guest.native_parts import native_part

native, WHY_PURE = native_part("leakwatch.snapshots._columns_native", needs_lock=False)
