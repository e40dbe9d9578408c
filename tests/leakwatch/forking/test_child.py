"""A forked process with one answer: nothing of it is lost, and nothing is left of it."""

import os
import signal
import sys
import threading
from pathlib import Path

from leakwatch.forking.child import ForkedChild
from leakwatch.interpreter import monotonic
from tests.heaps import run_python


def forked(work):
    child = ForkedChild()
    if child.fork():
        try:
            work(child)
        finally:
            os._exit(0)
    return child


def answer_of(child, seconds=30.0):
    try:
        return child.answer_by(monotonic() + seconds)
    finally:
        child.end()


def test_an_answer_that_comes_between_two_looks_is_not_lost(monkeypatch):
    looks = []
    look = ForkedChild._is_readable

    def too_early(child):
        looks.append(child)
        if len(looks) == 1:
            # The child writes and ends while the thread waits for the lock of the interpreter.
            os.kill(child._pids[0], signal.SIGUSR1)
            os.waitid(os.P_PID, child._pids[0], os.WEXITED | os.WNOWAIT)
            return False
        return look(child)

    def late(child):
        signal.sigwait([signal.SIGUSR1])
        child.answer("found")

    monkeypatch.setattr(ForkedChild, "_is_readable", too_early)
    assert answer_of(forked(late)) == ("found", "")


def test_an_answer_larger_than_the_pipe_arrives_whole():
    assert answer_of(forked(lambda child: child.answer(b"x" * 1_000_000)))[0] == b"x" * 1_000_000


def test_half_an_answer_is_none():
    def half(child):
        os.write(child._pipe[1], b"\0" * 7)

    assert answer_of(forked(half)) == (None, "the forked analysis ended without an answer")


def test_no_signal_reaches_the_child_nor_its_wakeup_descriptor():
    lines = """
import os, signal, socket
from leakwatch.forking.child import ForkedChild
signals = [signal.SIGINT, signal.SIGTERM, signal.SIGUSR1]
for number in signals:
    signal.signal(number, lambda *_: os.write(1, b"handled in %d " % os.getpid()))
ours, theirs = socket.socketpair()
ours.setblocking(False)
signal.set_wakeup_fd(ours.fileno())
child = ForkedChild()
if child.fork():
    for number in signals:
        os.kill(os.getpid(), number)
    child.answer(os.getpid())
    os._exit(0)
answer, _ = child.answer_by(float("inf"))
theirs.setblocking(False)
try:
    theirs.recv(100)
except BlockingIOError:
    print("no byte", answer == child._pids[0], signal.pthread_sigmask(signal.SIG_BLOCK, []))
child.end()
"""
    assert run_python("-c", lines) == "no byte True set()\n"


def test_a_child_that_the_program_waited_for_has_given_its_answer_all_the_same():
    child = forked(lambda child: child.answer("found"))
    taker = threading.Thread(target=os.waitpid, args=(child._pids[0], 0))
    taker.start()
    taker.join()
    assert answer_of(child) == ("found", "")


def test_that_the_program_waited_for_it_is_said_where_there_is_no_answer():
    child = forked(lambda child: None)
    os.waitpid(child._pids[0], 0)
    _, reason = answer_of(child)
    assert reason.endswith("the program waits for all children itself, or ignores SIGCHLD")


def test_a_process_that_the_program_forks_meanwhile_ends_nobody_elses_child():
    child = forked(lambda child: signal.sigwait([signal.SIGTERM]))
    other = os.fork()
    if other == 0:
        child.end()
        os._exit(0)
    os.waitpid(other, 0)
    assert not child.has_ended()
    child.end()
    assert child.has_ended()


def test_an_interrupt_at_any_line_leaves_no_process_no_descriptor_and_no_signal_held_off():
    before = state()
    lines = 0
    while interrupted_at(lines):
        assert state() == before, f"line {lines}"
        lines += 1
    assert lines > 30


def interrupted_at(number):
    """Whether there was such a line, to raise an interrupt at."""
    passed = 0

    def trace(frame, event, _argument):
        nonlocal passed
        if not frame.f_code.co_filename.endswith("forking/child.py"):
            return None
        # What is raised in a `__del__` the interpreter prints and forgets.
        if frame.f_code.co_name == "__del__":
            sys.settrace(None)
            return None
        if event == "line":
            passed += 1
            if passed == number + 1:
                sys.settrace(None)
                raise KeyboardInterrupt
        return trace

    parent = os.getpid()
    previous = sys.gettrace()
    sys.settrace(trace)
    try:
        try:
            one_answer()
        finally:
            sys.settrace(previous)
    except KeyboardInterrupt:
        return True
    finally:
        if os.getpid() != parent:
            os._exit(1)
    return False


def one_answer():
    with ForkedChild() as child:
        if child.fork():
            sys.settrace(None)
            child.answer("found")
            os._exit(0)
        assert child.answer_by(monotonic() + 30) == ("found", "")


def state():
    """Descriptors, children, signals that are held off."""
    # Those of other tests' helpers stay; one that has ended and was not waited for is listed too.
    children = Path(f"/proc/self/task/{threading.get_native_id()}/children").read_text()
    held_off = signal.pthread_sigmask(signal.SIG_BLOCK, [])
    return sorted(os.listdir("/proc/self/fd")), children, held_off
