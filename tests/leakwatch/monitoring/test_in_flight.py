"""What becomes more for a while only is told in a note, and no leak; what stays is one."""

import json

import pytest

from tests.heaps import run_python

LOOP = """
import asyncio, json, os
import leakwatch
class Cart:
    def close(self): pass
async def main():
    loop = asyncio.get_running_loop()
    look = asyncio.create_task(asyncio.to_thread(leakwatch.growing, 1.0))
    while not look.done():
        loop.call_later(DELAY, Cart().close)
        await asyncio.sleep(0.002)
    report = look.result()
    told = [it for it in report.notes if "ends within a minute" in it]
    print(json.dumps([[it.type_name for it in report.leaks], len(told)]), flush=True)
    os._exit(0)
asyncio.run(main())
"""


@pytest.mark.parametrize(
    ("delay", "expected"), [("5", [[], True]), ("3600", [["__main__.Cart"], False])]
)
def test_timers_that_are_due_within_a_minute_are_no_growth(delay, expected):
    leaks, told = json.loads(run_python("-c", f"DELAY = {delay}\n{LOOP}"))
    assert [leaks, told > 0] == expected


NATIVE = """
import ctypes, json, os, threading, time
import leakwatch
class Cart: pass
hold = ctypes.pythonapi.Py_IncRef
hold.argtypes = [ctypes.py_object]
def work():
    while True:
        hold(MAKE()); time.sleep(0.002)
threading.Thread(target=work, daemon=True).start()
report = leakwatch.growing(1.0)
told = [it for it in report.notes if "no holder is known" in it]
print(json.dumps([[it.type_name for it in report.leaks], len(told)])); os._exit(0)
"""


@pytest.mark.parametrize(
    ("make", "expected"),
    [
        ("lambda: {1: []}", [[], True]),
        ("lambda: [[]]", [[], True]),
        ("Cart", [["__main__.Cart"], False]),
    ],
)
def test_what_native_code_holds_is_a_leak_where_its_class_tells_whose_it_is(make, expected):
    leaks, told = json.loads(run_python("-c", NATIVE.replace("MAKE", f"({make})")))
    assert [leaks, told > 0] == expected
