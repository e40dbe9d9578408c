"""What coroutine work leaves in its context is told as that of plain work; no runner of ours is."""

import pytest

from tests.heaps import run_python

WORK = """
import contextvars, weakref, ctypes, leakwatch
import leakwatch.growth.rounds
leakwatch.growth.rounds.MOST_RUNS = 100
class Order: pass
class Span:
    def __init__(self, before): self.before = before
class Activation:
    def __init__(self, span): self.span = span
orders = contextvars.ContextVar("orders", default=None)
outer = contextvars.ContextVar("outer", default=None)
current = contextvars.ContextVar("current", default=None)
def listed():
    if orders.get() is None: orders.set([])
    orders.get().append(Order())
def chained(): current.set(Span(current.get()))
def replaced(): contextvars.ContextVar("own").set(Order())
def made(): contextvars.ContextVar("own").set(None)
def wrapped(): outer.set(Activation(Span(outer.get().span if outer.get() else None)))
def told(work):
    for leak in leakwatch.hunt(work).leaks:
        code = leak.pattern.code if leak.pattern else None
        print(leak.type_name, leak.growth, code, leak.signature, leak.path.expression)
def both(work):
    async def coroutine(): work()
    told(work)
    told(coroutine)
"""


@pytest.mark.parametrize(
    ("work", "type_name", "expression"),
    [
        ("listed", "__main__.Order", "orders.get()["),
        ("chained", "__main__.Span", "current.get().before"),
        ("replaced", "__main__.Order", "own.get()"),
        ("made", "_contextvars.ContextVar", "current context of "),
        ("wrapped", "__main__.Span", "outer.get().span.before"),
    ],
)
def test_coroutine_work_is_told_as_plain_work_is(work, type_name, expression):
    plain, coroutine = run_python("-c", f"{WORK}\nboth({work})").splitlines()
    assert plain.startswith(f"{type_name} 1.0 LW105 ")
    assert expression in plain
    assert plain.split()[:4] == coroutine.split()[:4]
    assert "runner" not in coroutine.lower()


def test_a_chain_that_native_code_holds_is_told_by_its_link():
    lines = """
def held():
    before = last[0]()
    span = Span(before)
    last[0] = weakref.ref(span)
    ctypes.pythonapi.Py_IncRef(ctypes.py_object(span))
    if before is not None: ctypes.pythonapi.Py_DecRef(ctypes.py_object(before))
last = [lambda: None]
told(held)
"""
    (said,) = run_python("-c", WORK + lines).splitlines()
    assert said.startswith("__main__.Span 1.0 LW117 ")
    assert said.endswith("before")


def test_a_long_chain_costs_what_it_is_long():
    lines = """
import time
leakwatch.growth.rounds.MOST_RUNS = 30_000
async def work(): chained()
began = time.process_time()
told(work)
print(time.process_time() - began < 20)
"""
    said = run_python("-c", WORK + lines).splitlines()
    assert said[0].startswith("__main__.Span 1.0 LW105 ")
    assert said[1] == "True"
