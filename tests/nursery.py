"""Children for `tests.heaps`, forked from one process that has imported what they all need.

A fresh interpreter spends two thirds of its time on imports. The process below does nothing but
import and fork, one child for each case, so the heap of a case is as small and as much its own.
"""

import atexit
import json
import os
import pkgutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable
from functools import cache
from importlib import import_module

SECONDS = 60
"""After which a child is ended by its alarm."""


def run_forked(call: str, *arguments: str, environment: dict[str, str], cwd: str) -> None:
    """Run a function in a child; that it fails is the caller's failure.

    Args:
        call: the function, as `module:name`; it may leave by `os._exit` itself.
        arguments: what to call it with.
        environment: of the process that forks; there is one process for each environment.
        cwd: the folder that process runs in.
    """
    nursery = nursery_for(tuple(sorted(environment.items())), cwd, call.partition(":")[0])
    assert nursery.stdin is not None
    assert nursery.stdout is not None
    nursery.stdin.write(json.dumps([call, arguments]) + "\n")
    nursery.stdin.flush()
    status, printed = json.loads(nursery.stdout.readline())
    assert status == 0, f"ended with {status}\n{printed}"


@cache
def nursery_for(
    environment: tuple[tuple[str, str], ...], cwd: str, module: str
) -> subprocess.Popen[str]:
    """The process that forks, started when it is first needed."""
    program = f"import {module}, {__name__} as nursery; nursery.serve()"
    started = subprocess.Popen(
        [sys.executable, "-c", program],
        env=dict(environment),
        cwd=cwd,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    atexit.register(dismiss, started, os.getpid())
    return started


def dismiss(nursery: subprocess.Popen[str], owner: int) -> None:
    """Let a nursery end; a fork of its owner leaves it alone."""
    if os.getpid() == owner:
        nursery.communicate()


# -- in the process that forks ----------------------------------------------------------------


def serve() -> None:
    """Fork a child for each line of standard input, and say how it ended."""
    import_all("leakwatch")
    for request in iter(sys.stdin.readline, ""):
        call, arguments = json.loads(request)
        module, _, name = call.partition(":")
        answer = answer_of(getattr(import_module(module), name), arguments)
        print(json.dumps(answer), flush=True)


def import_all(package: str) -> None:
    """Import every module of a package: what is imported when first used is imported now."""
    for module in pkgutil.walk_packages(import_module(package).__path__, f"{package}."):
        if not module.name.endswith(("__main__", "_walk_native")):
            import_module(module.name)


def answer_of(function: Callable[..., object], arguments: list[str]) -> tuple[int, str]:
    """The exit status of a child that calls a function, and what it printed."""
    with tempfile.TemporaryFile() as printed:
        child = os.fork()
        if child == 0:
            run_in_child(function, arguments, printed.fileno())
        _, status = os.waitpid(child, 0)
        printed.seek(0)
        return os.waitstatus_to_exitcode(status), printed.read().decode(errors="replace")


def run_in_child(function: Callable[..., object], arguments: list[str], output: int) -> None:
    """Call the function and leave, whatever happens."""
    signal.alarm(SECONDS)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(output, 1)
    os.dup2(output, 2)
    try:
        function(*arguments)
        sys.stdout.flush()
        os._exit(0)
    except BaseException:
        sys.excepthook(*sys.exc_info())  # type: ignore[arg-type]
        os._exit(1)
