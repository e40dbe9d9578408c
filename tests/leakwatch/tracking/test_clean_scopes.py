"""A clean scope looks at nothing but what was born in it: not once at the whole heap."""

import pytest

from tests.heaps import run_python

pytestmark = pytest.mark.interpreter

COUNTED = """
import asyncio, gc, threading
import leakwatch
from leakwatch.guest import frozen_heap
from leakwatch.tracking import newborn, window

class Thing: pass

def things():
    for _ in range(3):
        thing = Thing()
        thing.itself = thing

def plain():
    with leakwatch.scope("s") as scope:
        scope.track(Thing())

def of_types():
    with leakwatch.scope("s", types=[Thing]):
        things()

def discovering():
    with leakwatch.scope("s", discover=True):
        things()

def nested():
    with leakwatch.scope("outer", discover=True):
        things()
        with leakwatch.scope("inner", discover=True):
            things()

@leakwatch.scope("s", discover=True)
def decorated():
    things()

async def awaited():
    async with leakwatch.scope("s", discover=True):
        await asyncio.sleep(0)
        things()

def in_a_loop():
    asyncio.run(awaited())

def in_a_thread():
    thread = threading.Thread(target=discovering)
    thread.start()
    thread.join()

looks = []
def counting(real):
    def get_objects(*given):
        found = real(*given)
        looks.append(len(found))
        return found
    return get_objects
for module in (newborn, window):
    module.get_objects = counting(module.get_objects)
# What is frozen is not collected, so once in a while the whole heap is seen; not in here.
frozen_heap.heap.due = float("inf")
heap = [[] for _ in range(200_000)]
"""


def looks_at_the_heap(work, times):
    """How often leakwatch listed the whole heap in the course of some clean scopes."""
    lines = f"""
for _ in range({times}): {work}()
print(sum(look > 200_000 for look in looks))
"""
    return int(run_python("-c", COUNTED + lines))


@pytest.mark.parametrize(
    "work",
    ["plain", "of_types", "discovering", "nested", "decorated", "in_a_loop", "in_a_thread"],
)
def test_a_clean_scope_never_lists_the_heap_not_even_the_first_time(work):
    assert looks_at_the_heap(work, times=100 if work.startswith("in_a") else 1_000) == 0
