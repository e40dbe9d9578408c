"""One monitor of a process, for all who count work in it."""

from tests.heaps import run_python

START = """
import os, threading
import leakwatch
from leakwatch.integration import count_here, monitor_here, running_here
"""


def printed(lines: str) -> list[str]:
    return run_python("-c", START + lines).splitlines()


def test_all_who_ask_get_the_one_monitor_threads_at_the_same_time_too():
    lines = """
print(running_here())
found = []
threads = [threading.Thread(target=lambda: found.append(monitor_here())) for _ in range(8)]
[it.start() for it in threads]; [it.join() for it in threads]
print(len(found), len(set(found)), running_here() is found[0])
found[0].stop()
print(running_here(), monitor_here() is found[0], monitor_here().running)
"""
    assert printed(lines) == ["None", "8 1 True", "None False True"]


def test_one_that_the_program_has_started_is_taken_whatever_options_are_given():
    lines = """
own = leakwatch.monitor(every=7.0)
print(monitor_here(every=3.0) is own, monitor_here().status["every"])
"""
    assert printed(lines) == ["True 7.0"]


def test_a_forked_child_gets_its_own_though_another_thread_was_starting_one():
    lines = """
from leakwatch.process_monitor import _here
first = monitor_here()
_here.lock.acquire()  # as a thread would hold it
child = os.fork()
if not child:
    print(running_here(), monitor_here() is first, monitor_here().running, flush=True)
    os._exit(0)
os.waitpid(child, 0)
print(first.running, flush=True)
os._exit(0)
"""
    assert printed(lines) == ["None False True", "True"]


def test_names_of_work_are_told_in_reports_and_in_the_status():
    lines = """
import time
with leakwatch.monitor(every=60.0) as monitor:
    while not monitor.status["looks"]: time.sleep(0.01)
    for _ in range(5):
        monitor.count(3, "GET /cart"); monitor.count(); report = monitor.look()
print(*(it for it in report.notes if "of work" in it))
print(sorted(monitor.status["units"].items()))
"""
    assert printed(lines) == ["20 units of work: 15 GET /cart", "[('', 5), ('GET /cart', 15)]"]


def test_work_goes_on_where_no_monitor_can_be_started_and_a_warning_says_why():
    lines = """
import warnings
warnings.simplefilter("error")
with warnings.catch_warnings(record=True) as told:
    warnings.simplefilter("always")
    count_here("GET /cart", every=-1.0)
    def start(self): raise RuntimeError("can't start new thread")
    threading.Thread.start = start
    count_here("GET /cart")
print(*(str(it.message) for it in told), sep="\\n")
count_here("GET /cart")
"""
    first, second = printed(lines)
    assert first.startswith("GET /cart was not counted: ConfigurationError: monitor needs every")
    assert second == "GET /cart was not counted: RuntimeError: can't start new thread"
