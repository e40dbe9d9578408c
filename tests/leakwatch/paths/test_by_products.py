"""What comes with a thread or a finalizer is not told beside it; what is kept apart is."""

import json

import pytest

from tests.heaps import run_python

# All hunts in one process, each leaving threads or finalizers to the next.
HUNTS = """
import functools, json, os, queue, sys, threading, types, warnings, weakref
import leakwatch, leakwatch.growth.rounds

leakwatch.growth.rounds.SECONDS = 0  # one round of runs is enough where every run leaks
STOP, LOCAL = threading.Event(), threading.local()
OLD, KEPT, NUMBERS = type("Old", (), {})(), [], iter(range(10_000))

class Folder:
    def clean_up(self): pass

def worker():
    LOCAL.jobs = []
    STOP.wait()

class Worker(threading.Thread):
    def __init__(self):
        super().__init__(daemon=True)
        self.jobs = queue.Queue()

    def run(self):
        while True:
            job = self.jobs.get()

for _ in range(1200): os.register_at_fork(before=print)

def thread_of_a_class_for_it():
    worker = Worker()
    worker.jobs.put(Folder())
    worker.start()
def fork_hook_after_many(): os.register_at_fork(before=Folder().clean_up)
def module_of_its_own():
    name = f"plugin_{next(NUMBERS)}"
    sys.modules[name] = module = types.ModuleType(name)
    module.parts = [module]  # or its namespace would be tracked from CPython 3.14 on only
def waiting_thread(): threading.Thread(target=worker, daemon=True).start()
def pinning_method():
    folder = Folder()
    weakref.finalize(folder, folder.clean_up)
def pinning_argument():
    folder = Folder()
    weakref.finalize(folder, print, folder)
def finalizer_of_an_old_object(): weakref.finalize(OLD, print)
def kept_finalizer():
    folder = Folder()
    KEPT.append(weakref.finalize(folder, print))
def kept_lock(): KEPT.append(threading.Lock())
def warning():
    # Its registry is a dict that the first warning makes.
    warnings.warn_explicit(str(next(NUMBERS)), UserWarning, "app.py", 1, registry=registry())
def registry(): return globals().setdefault("__warningregistry__", {})

warnings.simplefilter("default")
warnings.showwarning = lambda *told: None
WORKS = (thread_of_a_class_for_it, fork_hook_after_many, module_of_its_own, waiting_thread,
         pinning_method, pinning_argument, finalizer_of_an_old_object,
         kept_finalizer, kept_lock, warning)
found = {}
for work in WORKS:
    report = leakwatch.hunt(work, runs=4, warmup=1)
    found[work.__name__] = [[it.pattern.code, it.type_name] for it in report.leaks]
print(json.dumps(found), flush=True)
os._exit(0)  # the threads still wait
"""
TOLD = {
    "thread_of_a_class_for_it": ["LW109", "__main__.Worker"],
    "fork_hook_after_many": ["LW104", "__main__.Folder"],
    "module_of_its_own": ["LW101", "builtins.module"],
    "waiting_thread": ["LW109", "threading.Thread"],
    "pinning_method": ["LW113", "__main__.Folder"],
    "pinning_argument": ["LW113", "__main__.Folder"],
    "finalizer_of_an_old_object": ["LW113", "weakref.finalize._Info"],
    "kept_finalizer": ["LW101", "weakref.finalize"],
    "kept_lock": ["LW101", "_thread.lock"],
    "warning": ["LW129", "builtins.tuple"],
}


@pytest.fixture(scope="module")
def found():
    return json.loads(run_python("-c", HUNTS))


@pytest.mark.parametrize("work", TOLD)
def test_one_mistake_is_one_leak(found, work):
    assert found[work] == [TOLD[work]]
