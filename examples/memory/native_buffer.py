"""Memory that no object of Python's stands for: a C library that never frees its buffers.

`leakwatch hunt native_buffer:work` in this folder: the verdict is *native*.
"""

import ctypes

LIBC = ctypes.CDLL(None)
LIBC.malloc.restype = ctypes.c_void_p
LIBC.malloc.argtypes = [ctypes.c_size_t]
SIZE = 50_000


def work():
    """Take a buffer, write into it, forget to free it: this is the leak."""
    buffer = LIBC.malloc(SIZE)
    ctypes.memset(buffer, 1, SIZE)
