"""The process that forks: it imports what its children need, and then does nothing but fork.

A child becomes a program: its folder, environment, arguments and streams are those of the
request, `__main__` is empty, and it ends as an interpreter does, `atexit` and all. What an
interpreter decides when it starts (options, hash seed, encoding) is that of this process.
`tests.nursery` is the other end of the socket.
"""

import atexit
import contextlib
import importlib
import json
import os
import runpy
import signal
import socket
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any

MOST_RUNS = 200
"""Of a hunt in a child, as of those in the tests' own process."""
LIBRARIES: list[str] = []
"""What is on the path behind PYTHONPATH."""
SECONDS = 60
"""After which a child that calls a function is ended by its alarm; with 0 by nothing."""


def serve(number: int) -> Callable[[], object]:
    """Import, or fork a child, for each request; returns in the children only.

    Args:
        number: the file descriptor of the socket.

    Returns:
        what the child is to do.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for those who wait for an answer
    LIBRARIES.extend(sys.path[1:])
    client = socket.socket(fileno=number)
    while True:
        text, streams, *_ = socket.recv_fds(client, 1 << 20, 3)
        if not text:
            os._exit(0)
        request = json.loads(text)
        if "import" in request:
            import_modules(request["import"], request["path"])
            read_known_leaks()
            continue
        child = os.fork()
        if not child:
            client.close()
            return become(request, streams)
        for stream in streams:
            os.close(stream)
        client.send(str(child).encode())
        status = os.waitpid(child, 0)[1]
        client.send(str(os.waitstatus_to_exitcode(status)).encode())


def import_modules(names: list[str], path: list[str]) -> None:
    """Import what can be imported, from these folders before others."""
    sys.path[:] = [*path, *LIBRARIES]
    for name in names:
        # Some are parts of another module, or of the program that was tried.
        with contextlib.suppress(ImportError):
            importlib.import_module(name)


def read_known_leaks() -> None:
    """Read the entries that leakwatch ships: files, which each child with a leak would read."""
    entries = sys.modules.get("leakwatch.diagnosis.known.entries")
    if entries is not None:
        entries.shipped()  # type: ignore[attr-defined]


# -- in a child ---------------------------------------------------------------------------------


def become(request: dict[str, Any], streams: list[int]) -> Callable[[], object]:
    """Take on folder, environment, streams and arguments; returns the program."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    os.chdir(request["folder"])
    os.environ.clear()
    os.environ.update(request["environment"])
    given = os.environ.get("PYTHONPATH", "").split(os.pathsep)
    sys.path[:] = dict.fromkeys([*map(os.path.abspath, filter(None, given)), *LIBRARIES])
    importlib.invalidate_caches()
    if "call" in request:
        return partial(call, request["call"], request["arguments"], request.get("seconds", SECONDS))
    if request["imported"]:
        atexit.register(tell_imported, Path(request["imported"]))
    if "hunt" in request["arguments"]:
        rounds = importlib.import_module("leakwatch.growth.rounds")
        rounds.MOST_RUNS = MOST_RUNS  # type: ignore[attr-defined]
    set_up_interpreter(request["module"], request["arguments"])
    return partial(runpy._run_module_as_main, request["module"])  # type: ignore[attr-defined]


def set_up_interpreter(module: str, arguments: list[str]) -> None:
    """Make `sys` and `__main__` what `python -m MODULE ARGUMENTS` begins with."""
    sys.argv = ["-m", *arguments]
    sys.orig_argv = [sys.executable, "-m", module, *arguments]
    sys.path.insert(0, os.getcwd())
    main = ModuleType("__main__")
    main.__dict__.update(__annotations__={}, __builtins__=sys.modules["builtins"])
    sys.modules["__main__"] = main
    for ours in ("tests", __name__):
        sys.modules.pop(ours, None)  # a program may have modules of such names
    if "tempfile" in sys.modules:
        sys.modules["tempfile"].tempdir = None  # type: ignore[attr-defined]


def tell_imported(file: Path) -> None:
    """Write which modules a program has imported."""
    names = [name for name in sys.modules if not name.endswith("__main__")]
    file.write_text(json.dumps(names), encoding="utf-8")


def call(function: str, arguments: list[str], seconds: int) -> None:
    """Call a function, given as `module:name`, and leave, whatever happens."""
    signal.alarm(seconds)
    module, _, name = function.partition(":")
    try:
        getattr(importlib.import_module(module), name)(*arguments)
        sys.stdout.flush()
        os._exit(0)
    except BaseException:
        sys.excepthook(*sys.exc_info())  # type: ignore[arg-type]
        sys.stderr.flush()
        os._exit(1)
