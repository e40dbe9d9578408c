"""A file gives the answers of the living process: causes, signatures, paths, sizes, reasons."""

import json

import pytest

import leakwatch
from tests.heaps import run_python
from tests.printed import ROOT

BOTH = """
import json, os, sys
import leakwatch
def told(leak):
    pattern = leak.pattern and leak.pattern.code
    return [leak.signature, str(leak.cause), leak.type_name, leak.count, leak.retained_bytes,
            leak.shallow_bytes, str(leak.path), pattern, list(leak.reasons)]
def both(path, *types):
    leakwatch.snapshot(path)
    heap = leakwatch.Snapshot.load(path)
    for name in types:
        pair = [heap.why(name), leakwatch.why(name)]
        print(json.dumps([[*map(told, (*it.leaks, *it.in_use))] for it in pair]))
    sys.stdout.flush()
    os._exit(0)
"""
SHAPES = """
import collections, functools, threading, contextvars
class Cart:
    def __init__(self, owner=None): self.owner = owner
class Registry:
    def __init__(self): self.carts = {}; self.handlers = []
    def hook(self, cart):
        def inner(): return cart
        self.handlers.append(inner)
REGISTRY = Registry()
for i in range(5):
    REGISTRY.carts[f"u{i}"] = Cart(); REGISTRY.hook(Cart())
CARTS = [Cart(Cart())]
class Table(dict): pass
TABLE = Table(); TABLE["k"] = Cart(); TABLE.attribute = Cart()
@functools.lru_cache(None)
def load(cart): return cart
load(Cart())
PART = functools.partial(print, Cart(), x=Cart())
LOCAL = threading.local(); LOCAL.cart = Cart()
class Slotted:
    __slots__ = ("a",)
SLOTS = Slotted(); SLOTS.a = Cart()
MEMBERS = {Cart(), Cart()}
QUEUE = collections.deque([Cart()]); ORDERED = collections.OrderedDict(a=Cart())
def default(cart=Cart()): pass
def generator():
    cart = Cart(); yield cart
RUNNING = generator(); next(RUNNING)
CALLBACKS = [Cart().__init__]
ERROR = ValueError(Cart())
VARIABLE = contextvars.ContextVar("cart"); VARIABLE.set(Cart())
class Of:
    kept = [Cart()]
def asks():
    mine = Cart()
    both(sys.argv[1], "Cart")
asks()
"""


def compared(tmp_path, lines):
    printed = run_python("-c", BOTH + lines, str(tmp_path / "a.lwheap"))
    return [json.loads(line) for line in printed.splitlines() if line.startswith("[[")]


@pytest.mark.usefixtures("each_walk")
def test_each_way_to_hold_an_object_is_told_as_in_the_process(tmp_path):
    ((file, living),) = compared(tmp_path, SHAPES)
    assert len(living) >= 17
    assert file == living


EXAMPLES = {
    "cached_method": "Report",
    "closed_sessions": "DatabaseSession",
    "endless_task": "Connection",
    "handler_registry": "Session",
    "stored_exception": "Upload",
    "thread_local": "Transaction",
}


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_is_told_as_in_the_process(tmp_path, name):
    source = str(ROOT / "examples" / f"{name}.py")
    lines = f"""
exec(compile(open({source!r}).read(), {source!r}, "exec"))
both(sys.argv[1], "__main__.{EXAMPLES[name]}")
"""
    ((file, living),) = compared(tmp_path, lines)
    assert len(living) == 1
    assert file == living


class Trolley:
    pass


def test_a_type_without_instances_is_not_judged_and_near_names_are_told(tmp_path):
    kept = Trolley()
    leakwatch.snapshot(tmp_path / "a.lwheap")
    heap = leakwatch.Snapshot.load(tmp_path / "a.lwheap")
    full = f"{Trolley.__module__}.Trolley"
    assert heap.why("Troley").leaks == ()
    assert full in (heap.why(full[:-1]).not_judged or "")
    assert [leak.count for leak in heap.why(full).leaks or heap.why(full).in_use] == [1]
    assert kept


def test_types_are_counted_those_first_that_take_most(tmp_path):
    kept = [Trolley() for _ in range(7)]
    leakwatch.snapshot(tmp_path / "a.lwheap")
    rows = leakwatch.Snapshot.load(tmp_path / "a.lwheap").types()
    assert [row.count for row in rows if row.type_name == f"{Trolley.__module__}.Trolley"] == [7]
    assert max(row.bytes for row in rows) == rows[0].bytes
    assert kept
