"""Leaks that no object stands for are told from default runs on, down to a kilobyte a run."""

import sys

import pytest

from tests.heaps import PLUGINS, run_python

WORKS = """\
import ctypes, itertools, json, sys, zlib
import leakwatch

malloc = ctypes.CDLL(None).malloc
malloc.restype, malloc.argtypes = ctypes.c_void_p, [ctypes.c_size_t]
keep = ctypes.pythonapi.Py_IncRef
keep.argtypes, keep.restype = [ctypes.py_object], None
numbers = itertools.count()

def new_texts(count):
    return [f"a text that nobody had {next(numbers)}" for _ in range(count)]

def text_with_a_reference_too_many():
    for text in new_texts(50):
        keep(text)

def interned():
    for text in new_texts(50):
        sys.intern(text)

def one_buffer_in_c(size):
    return lambda: malloc(size)

def clean():
    zlib.decompress(zlib.compress(json.dumps(new_texts(50)).encode()))

def told(work):
    memory = leakwatch.hunt(work).memory
    print(memory.verdict, *memory.evidence, memory.next, sep="|")
"""


@pytest.fixture(autouse=True)
def with_figures(monkeypatch):
    monkeypatch.setenv(PLUGINS, "memory")


def verdicts(*works):
    told = run_python("-c", WORKS + "".join(f"\ntold({work})" for work in works)).splitlines()
    return [line.split("|") for line in told]


@pytest.mark.skipif(sys.platform != "linux", reason="figures of malloc's")
def test_buffers_that_c_code_does_not_free_are_native_however_small():
    sizes = (1_000, 2_000, 5_000, 10_000, 25_000, 64_000)
    for found, *_ in verdicts(*(f"one_buffer_in_c({size})" for size in sizes)):
        assert found == "native"


def test_strings_that_c_code_does_not_let_go_are_untracked_objects():
    ((found, evidence, advice),) = verdicts("text_with_a_reference_too_many")
    assert found == "untracked objects"
    assert evidence.startswith("each run leaves 50 more small blocks in use by Python")
    assert "tracemalloc" in advice


@pytest.mark.skipif(
    not (3, 12) <= sys.version_info < (3, 13) or sys.implementation.name != "cpython",
    reason="sys.intern makes strings immortal in 3.12 only",
)
def test_interned_strings_are_counted_where_they_are_immortal():
    ((found, _, interned, _),) = verdicts("interned")
    assert found == "untracked objects"
    assert interned == "interned strings grow by 50 per run (sys.getunicodeinternedsize())"


def test_work_that_leaves_nothing_behind_does_not_grow():
    ((found, evidence, advice),) = verdicts("clean")
    assert found == "not growing"
    assert evidence.endswith(("add nothing to it", "add no more than noise"))
    assert advice == ""
