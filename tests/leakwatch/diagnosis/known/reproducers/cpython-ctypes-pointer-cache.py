# real
import ctypes

from tests.known_leaks import repeated


def work():
    class Record(ctypes.Structure):
        _fields_ = (("number", ctypes.c_int),)

    ctypes.POINTER(Record)


repeated(work)
