"""What other systems lack is asked for before it is used, and the message names the alternative.

Each test takes away what Windows lacks, in a process of its own. The standard library is imported
before, in the form that it has here.
"""

import pytest

from tests.heaps import ROOT, run_python

WINDOWS = """
import asyncio, concurrent.futures, importlib.metadata, jinja2, logging.handlers, multiprocessing
import objgraph, os, pluggy, psutil, pytest, select, signal, socket, subprocess, sys, sysconfig
import tempfile, time, unittest.mock
sysconfig.get_config_vars()
LACKS = {
    os: "fork forkpty register_at_fork getuid geteuid getgid getegid getpgid getpgrp setsid "
    "setpgid wait wait3 wait4 waitid WNOHANG WEXITED WNOWAIT P_ALL P_PID WIFSIGNALED WTERMSIG "
    "WIFEXITED WEXITSTATUS sysconf sched_getaffinity killpg nice pread pwrite mkfifo chown fchown "
    "getloadavg O_NOFOLLOW O_CLOEXEC O_DIRECTORY statvfs uname ttyname openpty",
    signal: "SIGHUP SIGKILL SIGUSR1 SIGUSR2 SIGALRM SIGCHLD SIGPIPE SIGQUIT pthread_sigmask "
    "SIG_BLOCK SIG_SETMASK SIG_UNBLOCK sigwait setitimer alarm siginterrupt pthread_kill pause",
    time: "clock_gettime clock_gettime_ns pthread_getcpuclockid CLOCK_MONOTONIC tzset",
    select: "poll epoll POLLIN",
    socket: "AF_UNIX socketpair",
    psutil: "heap_info heap_trim",
    psutil.Process: "num_fds",
}
for place, names in LACKS.items():
    for name in names.split():
        if hasattr(place, name):
            delattr(place, name)
for name in "fcntl resource termios pwd grp tty pty syslog readline".split():
    sys.modules[name] = None
sys.platform = "win32"
"""
EVERY_MODULE = """
import importlib, pkgutil
PACKAGES = "leakwatch weakrefs leakwatch_html leakwatch_logging leakwatch_memory leakwatch_numpy"
SIZES = "leakwatch_pandas leakwatch_pillow leakwatch_pyarrow leakwatch_torch"
for package in f"{PACKAGES} leakwatch_objgraph {SIZES} pytest_leakwatch".split():
    for found in pkgutil.walk_packages(importlib.import_module(package).__path__, f"{package}."):
        if not found.name.endswith("__main__"):
            importlib.import_module(found.name)
for name in "dask jupyter otel prometheus sentry".split():  # what is behind them needs a library
    importlib.import_module(f"leakwatch_{name}")
print("imported")
"""
LEAK = """
import leakwatch
KEPT = []
class Cart: pass
with leakwatch.scope("checkout") as scope:
    KEPT.append(leakwatch.track(Cart()))
print(scope.report.leaks[0].path.expression, scope.report.not_judged)
print(leakwatch.hunt(lambda: KEPT.append(Cart())).leaks[0].path.expression)
"""
FORK = """
import leakwatch
from leakwatch.errors import ConfigurationError
try:
    leakwatch.why(leakwatch.why, analyse="fork")
except ConfigurationError as error:
    print(error)
"""
PROGRAM = """
from leakwatch.cli import main
sys.exit(main(["run", "examples/handler_registry.py"]))
"""
FIGURES = """
import leakwatch_memory
print(*sorted(leakwatch_memory.sample(thorough=True)), leakwatch_memory.trim())
"""


@pytest.mark.parametrize("pure", ["0", "1"])
def test_every_module_can_be_imported(pure, monkeypatch):
    monkeypatch.setenv("LEAKWATCH_PURE", pure)
    assert run_python("-c", WINDOWS + EVERY_MODULE) == "imported\n"


def test_a_leak_is_found():
    scope, hunt = run_python("-c", WINDOWS + LEAK).splitlines()
    assert scope == "__main__.KEPT[0] None"
    assert hunt.startswith("__main__.KEPT[")


def test_without_fork_the_mode_is_refused_and_the_other_one_named():
    said = run_python("-c", WINDOWS + FORK)
    assert "needs os.fork, which this system does not have" in said
    assert "analyse='here'" in said


def test_a_program_is_run_and_judged():
    assert (ROOT / "examples" / "handler_registry.py").is_file()
    assert "__main__.HANDLERS['customer-0'].__self__" in run_python("-c", WINDOWS + PROGRAM)


def test_without_proc_the_figures_come_from_psutil():
    said = run_python("-c", WINDOWS + FIGURES).split()
    assert {"rss", "threads", "python_blocks"} <= set(said)
    assert not {"shared", "heap_used", "fds"} & set(said)
    assert said[-1] == "None"
