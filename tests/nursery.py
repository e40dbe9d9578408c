"""Programs that start quickly: forked from a process that has imported what they need.

A fresh interpreter spends most of its time on imports. `tests.forked` imports once and forks a
child for each program, which finds what a new process would find. Tests of what happens when an
interpreter starts, or of its options, start a new process.
"""

import atexit
import json
import os
import pkgutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from functools import cache
from importlib import import_module
from importlib.metadata import entry_points, packages_distributions
from pathlib import Path
from typing import IO, Any

ROOT = Path(__file__).resolve().parents[1]
PATIENCE = 240
"""Seconds for what takes few, on a machine that is busy."""

PROGRAMS = {
    "leakwatch": ["run", "-o", "leaks.txt", "test_leaky.py"],
    "pytest": ["--leakwatch", "-p", "no:cacheprovider", "test_leaky.py"],
}
"""What can be started here, and arguments with which it imports most of what it ever needs."""
LEAKY = """
class Cart: pass
CARTS = []
def test_leaky(): CARTS.extend(Cart() for _ in range(9))
if __name__ == "__main__": test_leaky()
"""
SET_AT_START = ("PYTHON", "LC_", "LANG", "LEAKWATCH_PURE", "LD_PRELOAD", "ASAN_", "UBSAN_")
"""Beginnings of the variables that are read when an interpreter starts or a module is imported."""

Environment = dict[str, str]


# -- programs -----------------------------------------------------------------------------------


def run(
    module: str, arguments: Sequence[str], *, environment: Environment, cwd: str | Path
) -> "subprocess.CompletedProcess[str]":
    """What `python -m MODULE ARGUMENTS` prints in a folder, and its exit code."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        child = start(module, arguments, environment=environment, cwd=cwd, stdout=out, stderr=err)
        code = child.wait()
        texts = [text_of(stream) for stream in (out, err)]
    return subprocess.CompletedProcess([module, *arguments], code, *texts)


def text_of(stream: IO[bytes]) -> str:
    """All that was written to a file."""
    stream.seek(0)
    return stream.read().decode("utf-8").replace("\r\n", "\n")


def start(
    module: str,
    arguments: Sequence[str],
    *,
    environment: Environment,
    cwd: str | Path,
    stdout: IO[Any],
    stderr: IO[Any],
) -> "Child":
    """Begin `python -m MODULE ARGUMENTS` in a folder, for a module of `PROGRAMS`."""
    nursery = nursery_of_program(module, at_start(environment))
    job = {"module": module, "arguments": [*arguments]}
    return nursery.start(job, environment, cwd, stdout, stderr)


def at_start(environment: Environment) -> tuple[tuple[str, str], ...]:
    """The variables for which a process of its own has to fork; the others each child takes on."""
    chosen = {name: text for name, text in environment.items() if name.startswith(SET_AT_START)}
    chosen.pop("PYTHONPATH", None)
    return tuple(sorted(chosen.items()))


@cache
def nursery_of_program(module: str, variables: tuple[tuple[str, str], ...]) -> "Nursery":
    """The process that forks, with what the module imports when it is tried once."""
    nursery = Nursery(dict(variables))
    path = [str(ROOT), str(ROOT / "plugins")]
    environment = {
        name: text
        for name, text in os.environ.items()
        if not name.startswith(("LEAKWATCH_", "PYTEST_"))
    } | {"PYTHONPATH": os.pathsep.join(path)}
    if module == "leakwatch":
        environment["LEAKWATCH_DISABLE_PLUGINS"] = "all"  # as most tests do
    with tempfile.TemporaryDirectory() as folder, open(os.devnull, "wb") as nowhere:
        names = Path(folder, "imported.json")
        Path(folder, "test_leaky.py").write_text(LEAKY, encoding="utf-8")
        job = {"module": module, "arguments": PROGRAMS[module], "imported": str(names)}
        nursery.start(job, environment, folder, nowhere, nowhere).wait()
        imported = json.loads(names.read_text(encoding="utf-8"))
    left = of_other_plugins() if module == "pytest" else set()
    nursery.import_modules([it for it in imported if it.partition(".")[0] not in left], path)
    return nursery


def of_other_plugins() -> set[str]:
    """The packages that pytest rewrites, and that must not be imported before it can."""
    announced = {it.dist.name for it in entry_points(group="pytest11") if it.dist is not None}
    announced.discard("leakwatch-framework")
    found = packages_distributions().items()
    return {package for package, owners in found if announced & set(owners)}


# -- functions ----------------------------------------------------------------------------------


def run_forked(call: str, *arguments: str, environment: Environment, cwd: str) -> None:
    """Run a function in a child; that it fails is the caller's failure.

    Args:
        call: the function, as `module:name`; it may leave by `os._exit` itself.
        arguments: what to call it with.
        environment: of the child.
        cwd: the folder it runs in.
    """
    nursery = nursery_of_functions(call.partition(":")[0], at_start(environment))
    with tempfile.TemporaryFile() as printed:
        job = {"call": call, "arguments": arguments}
        status = nursery.start(job, environment, cwd, printed, printed).wait()
        assert status == 0, f"ended with {status}\n{text_of(printed)}"


@cache
def nursery_of_functions(module: str, variables: tuple[tuple[str, str], ...]) -> "Nursery":
    """The process that forks, with the module and with all of leakwatch."""
    nursery = Nursery(dict(variables))
    # What is imported when first used is imported now.
    nursery.import_modules([*modules_of("leakwatch"), module], list(filter(None, sys.path)))
    return nursery


def modules_of(package: str) -> list[str]:
    """The names of all modules of a package."""
    found = pkgutil.walk_packages(import_module(package).__path__, f"{package}.")
    return [it.name for it in found if not it.name.endswith(("__main__", "_walk_native"))]


def import_all(package: str) -> None:
    """Import every module of a package."""
    for name in modules_of(package):
        import_module(name)


# -- the process that forks ---------------------------------------------------------------------


class Child:
    """A program that runs; has what is used here of `subprocess.Popen`."""

    stdin = None

    def __init__(self, nursery: "Nursery") -> None:
        self._nursery = nursery
        self.pid = int(nursery.answer(PATIENCE))
        self.returncode: int | None = None

    def wait(self, timeout: float | None = None) -> int:
        """The exit code; one that takes longer is ended."""
        if self.returncode is None:
            try:
                self.returncode = int(self._nursery.answer(timeout or PATIENCE))
            except TimeoutError:
                self.kill()
                raise
        return self.returncode

    def kill(self) -> None:
        """End it at once."""
        os.kill(self.pid, signal.SIGKILL)
        self.returncode = int(self._nursery.answer(PATIENCE))


class Nursery:
    """The process that forks, seen from here; it serves one child at a time."""

    def __init__(self, variables: Environment) -> None:
        self._socket, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        serve = f"from tests.forked import serve; serve({theirs.fileno()})()"
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-c", serve],
                env={"PATH": os.environ["PATH"], **variables},
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
            )
        atexit.register(self._dismiss, os.getpid())

    def import_modules(self, names: list[str], path: list[str]) -> None:
        """Import what the next children need, from these folders before others."""
        self._socket.send(json.dumps({"import": names, "path": path}).encode())

    def start(
        self,
        job: dict[str, Any],
        environment: Environment,
        cwd: str | Path,
        stdout: IO[Any],
        stderr: IO[Any],
        *,
        stdin: socket.socket | None = None,
    ) -> Child:
        """Fork a child with this to do; its input is empty unless one is given."""
        request = {"imported": "", **job, "environment": environment, "folder": str(cwd)}
        with open(os.devnull, "rb") as nothing:
            streams = [stream.fileno() for stream in (stdin or nothing, stdout, stderr)]
            socket.send_fds(self._socket, [json.dumps(request).encode()], streams)
        return Child(self)

    def answer(self, timeout: float) -> bytes:
        """What the other end says next; nothing if it has died."""
        self._socket.settimeout(timeout)
        answer = self._socket.recv(100)
        assert answer, "the process that forks has ended"
        return answer

    def _dismiss(self, owner: int) -> None:
        """Let it end; a fork of its owner leaves it alone."""
        if os.getpid() == owner:
            self._socket.close()
            self._process.wait()
