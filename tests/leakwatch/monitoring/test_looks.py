"""What grows in a living process: a threaded service and an asynchronous one, each with a twin.

The programs run in processes of their own, under load, and print what the report says.
"""

import json
from array import array

import pytest

import leakwatch
from leakwatch.errors import ConfigurationError
from leakwatch.growth.own_notes import Ids, Notes
from leakwatch.monitoring.census import Look
from leakwatch.monitoring.looks import Question
from tests.heaps import run_python

SERVICE = """
import asyncio, collections, functools, itertools, json, os, socket, socketserver, sys, threading
import time
import leakwatch
class Cart: pass
class Entry: pass
LISTENERS = {"price": []}
SEEN = {}
LRU = collections.OrderedDict()
RECENT = collections.deque(maxlen=50)
NUMBERS = itertools.count()
@functools.lru_cache(maxsize=40)
def priced(number): return Entry()
def handle(text, leaks):
    number = next(NUMBERS)
    time.sleep(0.0005)
    body = [{"text": text} for _ in range(20)]
    LRU[number] = Entry()
    if len(LRU) > 40: LRU.popitem(last=False)
    RECENT.append(Entry())
    priced(number)
    if leaks == "objects": LISTENERS["price"].append(Cart())
    if leaks == "strings": SEEN[f"session-{number}"] = "seen"
    return f"{len(body)}\\n".encode()
def told(report):
    leaks = [(it.type_name, str(it.cause), it.growth > 0, it.growth_per) for it in report.leaks]
    print(json.dumps([leaks, report.kind, report.not_judged]), flush=True)
"""
THREADED = """
class Handler(socketserver.StreamRequestHandler):
    def handle(self):
        for line in self.rfile: self.wfile.write(handle(line.decode(), LEAKS))
class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = daemon_threads = True
server = Server(("127.0.0.1", 0), Handler)
threading.Thread(target=server.serve_forever, daemon=True).start()
done = itertools.count()
def load(requests):
    with socket.create_connection(server.server_address) as client:
        answers = client.makefile("rb")
        for _ in range(requests):
            client.sendall(b"checkout\\n")
            answers.readline()
            next(done)
def start(requests, clients=4):
    each = requests // clients
    found = [threading.Thread(target=load, args=(each,), daemon=True) for _ in range(clients)]
    for thread in found: thread.start()
    return found
"""
ASYNCHRONOUS = """
served = 0
async def serve(reader, writer):
    global served
    while line := await reader.readline():
        await asyncio.sleep(0.001)
        writer.write(handle(line.decode(), LEAKS))
        served += 1
    writer.close()
async def load(port, requests):
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for _ in range(requests):
        writer.write(b"checkout\\n")
        await reader.readline()
async def main(requests):
    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    clients = [asyncio.create_task(load(port, requests // 8)) for _ in range(8)]
    await asyncio.sleep(0.3)
    while True:
        report = await asyncio.to_thread(leakwatch.growing, 1.5)
        told(report)
        if report.leaks or served >= requests: os._exit(0)
asyncio.run(main(REQUESTS))
"""


def threaded(leaks: str, requests: int) -> list[object]:
    lines = f"""
LEAKS = {leaks!r}
clients = start({requests})
time.sleep(0.3)
while any(it.is_alive() for it in clients):
    report = leakwatch.growing(1.5)
    told(report)
    if report.leaks: break
os._exit(0)
"""
    return answers(SERVICE + THREADED + lines)


def answers(program: str) -> list[object]:
    return [json.loads(line) for line in run_python("-c", program).splitlines()]


CAUSES = {
    "objects": ["__main__.Cart", "__main__.LISTENERS[*]", True, "second"],
    "strings": ["builtins.str", "__main__.SEEN[*]", True, "second"],
}


@pytest.mark.parametrize("leaks", CAUSES)
def test_a_threaded_service_is_told_what_it_leaks(leaks):
    assert threaded(leaks, 1_000_000)[-1] == [[CAUSES[leaks]], "growing", None]


@pytest.mark.parametrize("leaks", CAUSES)
def test_an_asynchronous_service_is_told_what_it_leaks(leaks):
    program = f"{SERVICE}LEAKS = {leaks!r}; REQUESTS = 1_000_000{ASYNCHRONOUS}"
    assert answers(program)[-1] == [[CAUSES[leaks]], "growing", None]


def test_a_threaded_service_without_a_leak_is_silent_for_10_000_requests():
    found = threaded("", 10_000)
    assert {json.dumps(it) for it in found} == {json.dumps([[], "growing", None])}


def test_an_asynchronous_service_without_a_leak_is_silent_for_10_000_requests():
    found = answers(f"{SERVICE}LEAKS = ''; REQUESTS = 10_000{ASYNCHRONOUS}")
    assert {json.dumps(it) for it in found} == {json.dumps([[], "growing", None])}


WORK = """
import json, os, threading, time
import leakwatch
class Cart: pass
class Other: pass
CARTS, OTHERS = [], []
def work():
    while True:
        CARTS.append(Cart()); OTHERS.append(Other()); time.sleep(0.002)
threading.Thread(target=work, daemon=True).start()
"""


def test_only_the_types_that_were_asked_about_are_told():
    lines = """
report = leakwatch.growing(1.0, types=["__main__:Other"])
print([it.type_name for it in report.leaks]); os._exit(0)
"""
    assert run_python("-c", WORK + lines) == "['__main__.Other']\n" * 1


def test_a_finalizer_does_not_run_in_the_thread_that_looks():
    lines = """
class Guarded:
    def __init__(self): self.ring = [self]
    def __del__(self): finalized.add(threading.get_ident())
finalized = set()
def churn():
    while True:
        for _ in range(100): Guarded().ring.clear()
        time.sleep(0.001)
threading.Thread(target=churn, daemon=True).start()
leakwatch.growing(1.0)
print(bool(finalized), threading.get_ident() in finalized); os._exit(0)
"""
    assert run_python("-c", WORK + lines) == "True False\n"


def test_the_collector_is_as_it_was_and_nothing_is_kept():
    lines = """
import gc, weakref
cart = Cart(); alive = weakref.ref(cart)
before = gc.get_threshold(), gc.isenabled(), gc.get_freeze_count()
report = leakwatch.growing(0.5)
del cart
after = gc.get_threshold(), gc.isenabled(), gc.get_freeze_count()
print(before == after, alive() is None); os._exit(0)
"""
    assert run_python("-c", WORK + lines) == "True True\n"


def test_an_open_scope_still_knows_what_was_born_in_it():
    lines = """
with leakwatch.scope("around", types=[Cart], on_leak=lambda report: None) as scope:
    kept = Cart()
    seen = leakwatch.growing(0.5, types=["__main__:Cart"])
print(scope.report.ok, [it.type_name for it in seen.leaks]); os._exit(0)
"""
    assert run_python("-c", WORK + lines) == "False ['__main__.Cart']\n"


def test_a_process_that_has_no_room_to_fork_says_so(monkeypatch):
    from leakwatch.forking import analysis

    monkeypatch.setattr(analysis, "lack_of_memory", lambda: "not forked: no room")
    kept: list[list[int]] = []
    report = growing_beside(kept)
    assert (report.leaks, report.not_judged) == ((), "not forked: no room")


def growing_beside(kept: list[list[int]]) -> leakwatch.Report:
    """The report on a process in which a thread adds to a list for as long as it takes."""
    import threading
    import time

    done = threading.Event()

    def add() -> None:
        while not done.is_set():
            kept.append([1])
            time.sleep(0.002)

    thread = threading.Thread(target=add)
    thread.start()
    try:
        return leakwatch.growing(0.5)
    finally:
        done.set()
        thread.join()


@pytest.mark.parametrize("seconds", [0, -1, float("nan"), float("inf")])
def test_a_time_in_which_nothing_can_be_seen_is_refused(seconds):
    with pytest.raises(ConfigurationError, match="seconds > 0"):
        leakwatch.growing(seconds)


def test_an_address_that_was_free_meanwhile_has_a_new_object():
    kept, comes_and_goes = 8, 16
    seen = [[], [kept, comes_and_goes], [kept, comes_and_goes], [kept], [kept, comes_and_goes]]
    looks = [Look(at, Notes(), array("Q", it).tobytes(), b"") for at, it in enumerate(seen)]
    question = Question(looks, frozenset(), (), (1.0, "second"))
    question._note_ages(Ids([kept, comes_and_goes]))
    assert question.ages == {kept: 0, comes_and_goes: 3}
