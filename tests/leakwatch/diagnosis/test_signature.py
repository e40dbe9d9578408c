"""One bug, one signature, whatever differs from one survivor, run or interpreter to the next."""

import pytest

from tests.heaps import leak_of, run_python
from tests.interpreters import VERSIONS, interpreter

EVERY_KIND = """
import asyncio, contextvars, functools, threading
import leakwatch

class Session:
    def close(self, *arguments): pass

class Shop:
    @functools.cache
    def total(self): return 1

class Owner: pass

def signature_of(work):
    with leakwatch.scope("work", types=[Session, Shop]) as scope:
        work()
    return scope.report.leaks[0].signature

HANDLERS, FAILURES, KNOWN, CALLBACKS, OWNER, LOCAL = {}, [], set(), [], Owner(), threading.local()
READERS, PENDING, RESULTS = [], [], []
OWNER.listeners = []
LOOP = asyncio.new_event_loop()
REQUEST = contextvars.ContextVar("request")

def registry(): HANDLERS[object()] = Session().close
def cached(): Shop().total()
def failed():
    session = Session()
    raise ValueError
def stored():
    try: failed()
    except ValueError as error: FAILURES.append(error)
def member(): KNOWN.add(Session())
def closure():
    session = Session()
    CALLBACKS.append(lambda: session)
def attribute(): OWNER.listeners.append(Session())
def local(): LOCAL.session = Session()
def context(): REQUEST.set(Session())
def suspended():
    def rows():
        session = Session()
        yield
    reader = rows()
    next(reader)
    READERS.append(reader)
def worker():
    ready = threading.Event()
    def serve():
        session = Session()
        ready.set()
        threading.Event().wait()
    threading.Thread(target=serve, daemon=True).start()
    ready.wait()
def context_of_a_worker():
    ready = threading.Event()
    def serve():
        REQUEST.set(Session())
        ready.set()
        threading.Event().wait()
    threading.Thread(target=serve, daemon=True).start()
    ready.wait()
async def wait(session): await LOOP.create_future()
async def make(session): return session
def begun(coroutine, into):
    into.append(LOOP.create_task(coroutine))
    LOOP.run_until_complete(asyncio.sleep(0))
def pending(): begun(wait(Session()), PENDING)
def result(): begun(make(Session()), RESULTS)
def awaited():
    future = LOOP.create_future()
    OWNER.future = future
    LOOP.create_task(also(future, Session()))
    LOOP.run_until_complete(asyncio.sleep(0))
async def also(future, session): await future

works = registry, cached, stored, member, closure, attribute, local, context, suspended, worker
works += context_of_a_worker, pending, result, awaited
for work in works:
    print(work.__name__, signature_of(work))
"""


EXPECTED = """\
registry a43d88f3eba2
cached a721d28c0d97
stored 9761d2976fbf
member c3f313a7adc8
closure 326f6abe42ce
attribute 28adde035cfd
local a3644f5fab86
context 7e6296c3f57d
suspended ed8cd2a18a88
worker c72b28b17ec2
context_of_a_worker bb06ae5b1485
pending 022ddd8d041e
result 651ea4e76b02
awaited ff65107ecfe0
"""
"""What people have in their baselines: whoever changes one makes each accepted leak a new one."""


@pytest.mark.parametrize("seed", [0, 1, 2, 12345])
def test_hash_seeds_do_not_matter(seed):
    assert run_python("-c", EVERY_KIND, seed=seed) == EXPECTED


@pytest.mark.parametrize("version", VERSIONS)
def test_versions_of_python_do_not_matter(version):
    assert run_python("-c", EVERY_KIND, python=interpreter(version)) == EXPECTED


def test_mistakes_that_differ_have_signatures_that_differ():
    signatures = [line.split()[1] for line in EXPECTED.splitlines()]
    assert len(signatures) == len(set(signatures)) == 14


FAILED = """{before}
FAILED = [{entries}]
def work():
    {local}
    session = Session()
    raise ValueError
try: work()
except ValueError as error: FAILED.append(error)
"""

ALIKE = {
    "attributes in line or in a dict": [
        "class Shop: pass\nshop = Shop()\nshop.session = Session()",
        "class Shop: pass\nshop = Shop()\nshop.session = Session()\nvars(shop)",
        "class Shop: pass\nshop = Shop()\nvars(shop)['session'] = Session()",
    ],
    "a list of one or of many, made at once or grown": [
        "HELD = [Session()]",
        "HELD = list(range(1000)) + [Session()]",
        "HELD = []\nfor i in range(1000): HELD.append(i)\nHELD.append(Session())",
        "HELD = [Session()]\nfor i in range(1000): HELD.insert(0, i)",
    ],
    "a dict of strings, of numbers, or once larger": [
        "HELD = {'u42': Session()}",
        "HELD = {7: Session()}",
        "HELD = {i: i for i in range(1000)}\nfor i in range(999): del HELD[i]\nHELD[0] = Session()",
        "HELD = dict(a=Session())\nHELD.update({i: i for i in range(50)})",
    ],
    "another line, and another address": [
        FAILED.format(before="", local="", entries=""),
        FAILED.format(before="import math\n\n\n", local="junk = [0] * 99", entries="0, 1, 2"),
    ],
}


@pytest.mark.parametrize("case", ALIKE)
def test_how_a_container_was_built_does_not_matter(case):
    assert len({leak_of(lines).signature for lines in ALIKE[case]}) == 1


def test_an_error_raised_at_different_depths_has_one_signature():
    lines = """
import leakwatch

FAILURES = []

class Request: pass

def handle():
    request = Request()
    raise ValueError("no entry")

def middleware(depth):
    return middleware(depth - 1) if depth else handle()

def serve(depth):
    try:
        middleware(depth)
    except ValueError as failure:
        FAILURES.append(failure)

for depth in (0, 1, 7):
    with leakwatch.scope("request", types=[Request]) as scope:
        serve(depth)
    (leak,) = scope.report.leaks
    print(leak.signature, sum(".tb_next" == reference.name for reference in leak.path.references))
"""
    told = [line.split() for line in run_python("-c", lines).splitlines()]
    assert len({signature for signature, _ in told}) == 1
    assert len({depth for _, depth in told}) == 3
