"""A monitor in a program that goes on: what it tells, what it costs, and what becomes of it."""

from itertools import count, pairwise
from unittest.mock import Mock

import pytest

import leakwatch
from leakwatch.errors import ConfigurationError
from leakwatch.growth.own_notes import Notes
from leakwatch.model import Leak, RetentionPath, Root
from leakwatch.monitoring import looks
from leakwatch.monitoring import monitor as monitor_module
from leakwatch.monitoring.census import Look
from leakwatch.monitoring.monitor import MOST_LOOKS, MOST_STRIDE, Monitor, Told
from leakwatch.report import Report
from tests.heaps import PLUGINS, run_python

WORK = """
import json, logging, os, sys, threading, time
import leakwatch
class Cart: pass
CARTS, HEARD = [], []
def work():
    while True:
        CARTS.append(Cart()); [{} for _ in range(9)]; monitor.count(); time.sleep(0.001)
def until(condition, seconds=30):
    end = time.monotonic() + seconds
    while not condition() and time.monotonic() < end: time.sleep(0.02)
"""
START = """
monitor = leakwatch.monitor(every=0.1, on_report=HEARD.append, budget=1.0)
threading.Thread(target=work, daemon=True).start()
until(lambda: HEARD)
"""


def printed(lines: str, start: str = START) -> list[str]:
    return run_python("-c", WORK + start + lines).splitlines()


def test_a_leak_is_told_once_by_the_monitor_alone_and_then_counted():
    lines = """
leak = HEARD[0].leaks[0]
print(leak.type_name, leak.cause, leak.growth_per, 0.5 < leak.growth < 2)
until(lambda: monitor.status["causes"][leak.signature] > 1)
print(len(HEARD), monitor.reports == tuple(HEARD))
monitor.stop(); os._exit(0)
"""
    assert printed(lines) == ["__main__.Cart __main__.CARTS[*] unit True", "1 True"]


def test_a_leak_that_begins_long_after_the_monitor_is_told():
    start = """
monitor = leakwatch.monitor(every=0.01, on_report=HEARD.append, budget=1.0)
CARTS.append(Cart())
time.sleep(2.0)
print(len(HEARD))
threading.Thread(target=work, daemon=True).start()
until(lambda: HEARD)
print(str(HEARD[0].leaks[0].cause)); os._exit(0)
"""
    assert printed("", start) == ["0", "__main__.CARTS[*]"]


def test_the_looks_of_a_course_stay_as_far_apart_and_a_new_course_follows(monkeypatch):
    times = count()
    monkeypatch.setattr(looks, "look", lambda *_: Look(next(times), Notes(), b"", b""))
    monkeypatch.setattr(monitor_module, "Thread", Mock())
    monitor = Monitor(every=1.0, types=None, on_report=None, budget=1.0, host=Mock(), told=Told())
    strides = []
    for _ in range(2 * MOST_LOOKS * MOST_STRIDE):
        monitor._look_and_judge()
        kept = monitor._course.looks
        apart = [after.at - before.at for before, after in pairwise(kept)]
        assert set(apart[:-1]) <= {monitor._course.stride}
        assert len(kept) <= MOST_LOOKS
        strides.append(monitor._course.stride)
    monitor.stop()  # else it is the one that runs in this process, for whoever asks next
    assert max(strides) == MOST_STRIDE
    assert strides[-1] < MOST_STRIDE


def test_the_plugins_hear_of_it_as_of_any_report(monkeypatch):
    monkeypatch.setenv(PLUGINS, "logging")
    start = """
logging.basicConfig(stream=sys.stdout, level=logging.WARNING, format="%(name)s %(message).60s")
monitor = leakwatch.monitor(every=0.1, budget=1.0)
threading.Thread(target=work, daemon=True).start()
until(lambda: monitor.reports); time.sleep(0.1)
os._exit(0)
"""
    first = printed("", start)[0]
    assert first.startswith("leakwatch leak")
    assert "growing" in first


@pytest.mark.parametrize(("set_up", "times"), [("", 1), ("logging.basicConfig()", 0)])
def test_in_a_program_that_never_set_up_logging_it_is_printed(set_up, times, monkeypatch):
    monkeypatch.setenv(PLUGINS, "logging")
    start = f"""
{set_up}
sys.stderr = sys.stdout
monitor = leakwatch.monitor(every=0.1, budget=1.0)
threading.Thread(target=work, daemon=True).start()
until(lambda: monitor.reports); time.sleep(0.3)
os._exit(0)
"""
    found = [line for line in printed("", start) if "each like __main__.CARTS[" in line]
    assert len(found) == times


def test_a_look_that_is_asked_for_too_early_says_so():
    with leakwatch.monitor(every=60.0) as monitor:
        report = monitor.look()
    assert report.kind == "growing"
    assert report.not_judged is not None
    assert "looks were made" in report.not_judged
    assert monitor.look().not_judged == "this monitor does not run in this process"


def test_a_look_gives_the_report_of_the_course_so_far():
    lines = """
monitor.stop()
with leakwatch.monitor(every=60.0) as monitor:
    time.sleep(0.2)
    found = []
    for _ in range(5): found += monitor.look().leaks; time.sleep(0.2)
print([it.type_name for it in found]); os._exit(0)
"""
    assert printed(lines) == ["['__main__.Cart']"]


def test_a_forked_child_has_none_unless_it_starts_its_own():
    lines = """
child = os.fork()
if not child:
    names = [it.name for it in threading.enumerate()]
    print(monitor.status["running"], names, flush=True)
    monitor.stop()
    own = leakwatch.monitor(every=60.0)
    print(own.status["running"], flush=True)
    own.stop(); os._exit(0)
os.waitpid(child, 0)
print(monitor.status["running"], flush=True); os._exit(0)
"""
    assert printed(lines) == ["False ['MainThread']", "True", "True"]


def test_the_program_ends_without_delay_though_a_look_is_at_work():
    lines = """
monitor = leakwatch.monitor(every=0.001, budget=1.0)
heap = [[it] for it in range(200_000)]
time.sleep(0.3)
print(time.monotonic(), flush=True)
"""
    start = "import atexit\natexit.register(lambda: print(time.monotonic()))\n"
    first, second = map(float, printed(lines, start))
    assert second - first < 5


def test_a_callback_that_fails_does_not_end_the_monitor():
    start = """
import warnings
warnings.simplefilter("ignore")
def fail(report): HEARD.append(report); 1 / 0
monitor = leakwatch.monitor(every=0.1, on_report=fail, budget=1.0)
threading.Thread(target=work, daemon=True).start()
until(lambda: HEARD); looks = monitor.status["looks"]
until(lambda: monitor.status["looks"] > looks)
print(monitor.status["running"]); os._exit(0)
"""
    assert printed("", start) == ["True"]


def test_a_look_that_takes_long_is_followed_by_a_longer_pause():
    start = """
heap = [[it] for it in range(100_000)]
monitor = leakwatch.monitor(every=0.001, budget=0.001)
until(lambda: monitor.status["looks"]); time.sleep(1)
print(monitor.status["looks"]); os._exit(0)
"""
    assert printed("", start) == ["1"]


def test_a_program_without_a_leak_is_told_nothing():
    start = """
def clean():
    recent = {}
    for number in range(10**9):
        recent[number % 50] = Cart(); time.sleep(0.0005); monitor.count()
monitor = leakwatch.monitor(every=0.05, on_report=HEARD.append, budget=1.0)
for _ in range(4): threading.Thread(target=clean, daemon=True).start()
until(lambda: monitor.status["looks"] > 40)
print([str(it) for it in HEARD], monitor.status["looks"] > 40); os._exit(0)
"""
    assert printed("", start) == ["[] True"]


def leak(signature: str) -> Leak:
    path = RetentionPath(Root("module global", "shop"), (), "shop.Cart")
    return Leak("shop.Cart", 2, 0.5, 96, 200, signature, path)


def test_what_was_told_is_known_from_then_on():
    told = Told()
    first = told.revised(Report("p", "growing", leaks=(leak("a" * 12),)))
    second = told.revised(Report("p", "growing", leaks=(leak("a" * 12), leak("b" * 12))))
    assert [it.signature for it in first.leaks] == ["a" * 12]
    assert [it.signature for it in second.leaks] == ["b" * 12]
    assert second.known[0].reasons == ("told before; found 2 times",)
    assert told.times == {"a" * 12: 2, "b" * 12: 1}


@pytest.mark.parametrize("wrong", [{"every": 0}, {"budget": 0}, {"budget": 2}, {"every": -1}])
def test_figures_that_make_no_sense_are_refused(wrong):
    with pytest.raises(ConfigurationError, match="every > 0"):
        leakwatch.monitor(**wrong)


def test_the_plugins_hear_of_each_look_and_of_the_units_of_work_since_the_last():
    start = """
from leakwatch.session import plugins
class Plugin:
    @staticmethod
    @leakwatch.hookimpl
    def leakwatch_looked(look): HEARD.append(look)
plugins().register(Plugin, "plugin")
monitor = leakwatch.monitor(every=60.0)
until(lambda: HEARD); monitor.count(3); monitor.look(); monitor.look()
first, second, third = HEARD
print(first.every, first.units, second.units, third.units, third.objects > 1000)
"""
    assert printed("", start) == ["60.0 0 3 0 True"]
