"""A judgement in a forked child: the same answer, and no trace of the child."""

import json

import pytest

import leakwatch
from leakwatch.errors import ConfigurationError
from tests.heaps import run_python

WORKER = """
import json, leakwatch, os, sys, threading, time
class Cart:
    def __del__(self): os.write(1, b"finalized %d " % os.getpid())
ready, stop = threading.Event(), threading.Event()
local = threading.local()
def serve():
    local.cart = Cart()
    cart = Cart()
    ready.set(); stop.wait(60)
thread = threading.Thread(target=serve, name="worker", daemon=True)
thread.start(); ready.wait()
CARTS = [Cart()]
"""


def test_the_fork_gives_the_same_leaks_as_the_process_itself_other_threads_included():
    lines = """
def both():
    reports = [leakwatch.why(Cart, analyse=analyse) for analyse in ("here", "fork")]
    return [[(leak.signature, str(leak.path), leak.count) for leak in it.leaks] for it in reports]
here, fork = both()
print(json.dumps([here, fork]), flush=True)
os._exit(0)
"""
    here, fork = json.loads(run_python("-c", WORKER + lines))
    assert here == fork
    assert len(here) == 3


def test_nothing_of_the_program_ends_in_the_child():
    lines = """
import atexit, gc
gc.disable()
atexit.register(lambda: os.write(1, b"ended "))
sys.stdout.write("buffered ")
ring = Cart(); ring.me = ring
del ring
def ask(): return leakwatch.why(Cart, analyse="fork")
ask()
os.write(1, b"asked ")
sys.stdout.flush()
os._exit(0)
"""
    assert sorted(run_python("-c", WORKER + lines).split()) == ["asked", "buffered"]


def test_a_sink_of_reports_is_called_in_the_parent_only():
    lines = """
import leakwatch.session
class Sink:
    @leakwatch.hookimpl
    def leakwatch_scope_closed(self, report): os.write(1, b"%d" % (os.getpid() == parent))
parent = os.getpid()
leakwatch.session.plugins().register(Sink(), "sink")
leakwatch.why(Cart, analyse="fork")
os._exit(0)
"""
    assert run_python("-c", WORKER + lines) == "1"


def test_other_threads_go_on_while_the_child_judges():
    lines = """
import leakwatch.session
session = leakwatch.session.Session
ticks = []
def tick():
    while not stop.is_set(): ticks.append(1); time.sleep(0.001)
threading.Thread(target=tick, daemon=True).start()
judge = leakwatch.session.judge
def slow(case): time.sleep(0.3); return judge(case)
leakwatch.session.judge = slow
before = len(ticks)
leakwatch.why(Cart, analyse="fork")
print(len(ticks) - before > 50, flush=True)
os._exit(0)
"""
    assert run_python("-c", WORKER + lines) == "True\n"


@pytest.mark.parametrize(
    ("judge", "reason"),
    [
        ("os.kill(os.getpid(), signal.SIGKILL)", "killed by SIGKILL"),
        ("os._exit(3)", "ended without an answer"),
        ("time.sleep(60)", "did not answer in time and was ended"),
        ("1 / 0", "failed: ZeroDivisionError: division by zero"),
    ],
)
def test_a_child_that_gives_no_answer_is_told_as_not_judged(judge, reason):
    lines = f"""
import leakwatch, leakwatch.forking.analysis, leakwatch.session, os, signal, time
from leakwatch.heap.limits import Limits
leakwatch.forking.analysis.SPARE = -59.5
leakwatch.session.judge = lambda case: {judge}
class Cart: pass
KEPT = [Cart()]
report = leakwatch.why(Cart, analyse="fork")
same = report.partial == report.not_judged
print(same, report.not_judged, len(report.leaks), report.explained_share)
try: os.waitpid(-1, os.WNOHANG)
except ChildProcessError: print("no child left")
"""
    said, children = run_python("-c", lines).splitlines()
    assert said.startswith("True ")
    assert said.endswith(f"{reason} 0 0.0")
    assert children == "no child left"


def test_the_text_of_a_partial_report_says_so():
    report = leakwatch.Report("work", partial="the forked analysis was killed by SIGKILL")
    assert "partial: the forked analysis was killed by SIGKILL" in str(report)


def test_a_fork_beside_other_threads_is_said_in_the_report():
    lines = """
report = leakwatch.why(Cart, analyse="fork")
print([note for note in report.notes if "fork" in note], flush=True)
os._exit(0)
"""
    assert "judged in a fork of a process with 1 other thread" in run_python("-c", WORKER + lines)


def test_a_fork_of_a_process_with_one_thread_needs_no_word():
    lines = """
import leakwatch
class Cart: pass
KEPT = [Cart()]
report = leakwatch.why(Cart, analyse="fork")
print(len(report.leaks), report.notes)
"""
    assert run_python("-W", "error", "-c", lines) == "1 ()\n"


def test_watched_objects_are_judged_in_a_fork_without_collecting():
    lines = """
import gc, leakwatch
gc.disable()
class Cart: pass
KEPT = [leakwatch.watch(Cart(), within=0)]
ring = leakwatch.watch(Cart(), within=0); ring.me = ring
del ring
report = leakwatch.check(analyse="fork")
print([(leak.path.expression, leak.count) for leak in report.leaks], report.settling.collections)
print(report.notes)
"""
    leaks, notes = run_python("-c", lines).splitlines()
    assert leaks == "[('__main__.KEPT[0]', 1)] 0"
    assert "1 objects are garbage" in notes or "1 object is garbage" in notes


def test_a_program_that_ignores_its_children_gets_its_report():
    lines = """
import leakwatch, signal
signal.signal(signal.SIGCHLD, signal.SIG_IGN)
class Cart: pass
KEPT = [Cart()]
print(len(leakwatch.why(Cart, analyse="fork").leaks))
"""
    assert run_python("-c", lines) == "1\n"


def test_another_word_for_where_to_judge_is_refused():
    with pytest.raises(ConfigurationError, match="analyse='thread': expected 'here' or 'fork'"):
        leakwatch.check(analyse="thread")  # type: ignore[arg-type]


def test_a_system_without_fork_is_told(monkeypatch):
    monkeypatch.delattr("os.fork")
    with pytest.raises(ConfigurationError, match=r"needs os\.fork"):
        leakwatch.why(int, analyse="fork")


def test_threads_that_a_hook_of_the_program_starts_in_the_child_take_nothing_from_the_answer():
    lines = """
import leakwatch, os, threading, time
def churn():
    while True: [[] for _ in range(1000)]
os.register_at_fork(after_in_child=lambda: threading.Thread(target=churn, daemon=True).start())
class Cart: pass
KEPT = [Cart()]
report = leakwatch.why(Cart, analyse="fork")
print([leak.path.expression for leak in report.leaks], report.not_judged)
"""
    assert run_python("-c", lines) == "['__main__.KEPT[0]'] None\n"


def test_a_process_that_can_have_no_other_is_told_so():
    lines = """
import leakwatch, os
def fork(): raise BlockingIOError(11, "Resource temporarily unavailable")
os.fork = fork
class Cart: pass
KEPT = [Cart()]
before = len(os.listdir("/proc/self/fd"))
print(leakwatch.why(Cart, analyse="fork").not_judged)
print(len(os.listdir("/proc/self/fd")) - before)
"""
    assert run_python("-c", lines) == "not forked: Resource temporarily unavailable\n0\n"


def test_no_answer_is_lost_beside_busy_threads():
    lines = """
import leakwatch, os, threading
class Cart: pass
KEPT = [Cart()]
def busy():
    while True: sum(range(20000))
for _ in range(4): threading.Thread(target=busy, daemon=True).start()
print(sum(len(leakwatch.why(Cart, analyse="fork").leaks) for _ in range(10)), flush=True)
os._exit(0)
"""
    assert run_python("-c", lines) == "10\n"
