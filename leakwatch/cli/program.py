"""Running somebody's program in this process as Python itself would, unchanged.

`sys.argv`, `sys.path[0]` and `__main__` are what the program would find without us. An
exception that it does not catch goes to its own `sys.excepthook`, without our frames. Its
threads are waited for as the interpreter waits. Its module is still in `sys.modules` when
`run` returns, so that its globals live while they are judged; `atexit` callbacks run later.
"""

import importlib.util
import io
import os
import pkgutil
import sys
import threading
import warnings
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from importlib.machinery import ModuleSpec, SourceFileLoader
from types import CodeType, ModuleType, TracebackType
from typing import TYPE_CHECKING, Any

from leakwatch.cli.messages import INTERRUPTED
from leakwatch.errors import ConfigurationError, quoted, shown_path
from leakwatch.heap.provenance import is_own_frame
from leakwatch.stages import Stage, begins

if TYPE_CHECKING:  # it imports `ast`, which other commands than `run` do without
    from leakwatch.cli.top_level import TopLevel

MAIN = "__main__"
FAILED = 1
"""What Python exits with after an exception that nobody caught."""


@dataclass(frozen=True, slots=True)
class Program:
    """A program as it was asked for.

    Attributes:
        name: a script, a folder or zip file with a `__main__.py`, or a module's name.
        is_module: whether it is a module's name, as after `python -m`.
        arguments: the program's own arguments.
    """

    name: str
    is_module: bool
    arguments: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"python -m {self.name}" if self.is_module else self.name

    @property
    def folder(self) -> str:
        """What Python puts first on `sys.path` for it."""
        if self.is_module:
            return current_folder()
        real = real_path(self.name)
        return real if os.path.isdir(real) else os.path.dirname(real)


def current_folder() -> str:
    """Where the process is; empty if that folder is gone."""
    try:
        return os.getcwd()
    except OSError:
        return ""


def real_path(path: str) -> str:
    """The path without links; as it is where it counts from a folder that is gone."""
    try:
        return os.path.realpath(path)
    except OSError:
        return path


class ProgramNotFoundError(ConfigurationError):
    """There is no such program."""


def run(
    program: Program,
    top_level: "TopLevel | None" = None,
    ended: Callable[[], None] = lambda: None,
) -> int:
    """Run a program to its end, its threads included.

    Args:
        program: what to run.
        top_level: notes what the top level calls; None to run the code as it is.
        ended: called when the top level has ended in order, before its threads are waited for.

    Returns:
        its exit code. In a child that the program forked this returns too.

    Raises:
        ConfigurationError: there is no such program.
    """
    begins(Stage.WORK)
    sys.argv = [program.name, *program.arguments]
    set_first_path(program.folder)
    code = outcome(lambda: execute(program, top_level), ended)
    code = end_threads() or code
    flush()
    return code


def end_threads() -> int:
    """Wait for the threads of the program as the interpreter does; gives the exit code.

    It also ends the idle threads of executors, which could not be joined, and so the processes of
    such as have some.
    """
    with suppress(AttributeError):
        # What the interpreter itself calls before it finalizes; calling it twice is no harm.
        return outcome(threading._shutdown)  # type: ignore[attr-defined]
    return 0


def set_first_path(folder: str) -> None:
    """Put the program's folder where ours is, unless Python was told to put none there.

    Args:
        folder: the folder; empty where there is none, as for `-m` in a folder that is gone.
    """
    if not sys.flags.safe_path:
        sys.path[:1] = [folder] if folder else []


def execute(program: Program, top_level: "TopLevel | None" = None) -> None:
    """Find the program's code and run it as `__main__`."""
    main, code = from_module(program.name) if program.is_module else from_file(program.name)
    if top_level is not None:
        code = noting(top_level, main, code)
    sys.modules[MAIN] = main
    exec(code, main.__dict__)  # noqa: S102 - running the program is what was asked for


def noting(top_level: "TopLevel", main: ModuleType, code: CodeType) -> CodeType:
    """The code with notes of what it calls; as it is where it has no source that can be had."""
    file, spec = code.co_filename, main.__spec__
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # said already when the code was compiled
            if spec is not None:
                return top_level.compiled(main.__dict__["__loader__"].get_source(spec.name), file)
            with io.open_code(file) as script:
                return top_level.compiled(script.read(), file)
    except Exception:  # noqa: BLE001 - what cannot be read or understood runs as it is
        return code


def outcome(work: Callable[[], object], ended: Callable[[], None] = lambda: None) -> int:
    """Run code of the program and give the exit code that its end means.

    Args:
        work: the code.
        ended: called when it has ended in order, which an exception is not.
    """
    try:
        work()
        ended()
    except ProgramNotFoundError:
        raise
    except SystemExit as leaving:
        ended()
        return exit_status(leaving)
    except KeyboardInterrupt as error:
        show(error)
        return INTERRUPTED
    except BaseException as error:  # noqa: BLE001 - it is the program's, and shown as Python would
        show(error)
        return FAILED
    return 0


def exit_status(leaving: SystemExit) -> int:
    """What Python makes of `sys.exit(...)`: a number, or a message and 1."""
    if leaving.code is None:
        return 0
    if isinstance(leaving.code, int):
        return int(leaving.code)
    flush()
    print(leaving.code, file=sys.stderr)
    return FAILED


def show(error: BaseException) -> None:
    """Print an uncaught exception through the program's hook, without our frames."""
    traceback = of_program(error.__traceback__)
    BaseException.with_traceback(error, traceback)
    flush()
    try:
        sys.excepthook(type(error), error, traceback)
    except Exception:  # noqa: BLE001 - a broken hook of the program; Python falls back too
        sys.__excepthook__(type(error), error, traceback)


def of_program(traceback: TracebackType | None) -> TracebackType | None:
    """A traceback from the program's first frame on."""
    while traceback is not None and is_own_frame(traceback.tb_frame):
        traceback = traceback.tb_next
    return traceback


def flush() -> None:
    """Flush the program's output, in whatever state it left its streams."""
    for stream in (sys.stdout, sys.stderr):
        with suppress(Exception):
            stream.flush()


def from_module(name: str) -> tuple[ModuleType, CodeType]:
    """`__main__` for a module or for a package with a `__main__` module, and its code."""
    spec = found_spec(name)
    if spec.submodule_search_locations is not None:
        name = f"{name}.{MAIN}"
        spec = found_spec(name)
    loader: Any = spec.loader
    code = loader.get_code(name) if hasattr(loader, "get_code") else None
    if code is None:
        raise ProgramNotFoundError(f"module {quoted(name)} has no Python code to run")
    sys.argv[0] = spec.origin or sys.argv[0]
    return main_module(spec.origin, loader, spec), code


def found_spec(name: str) -> ModuleSpec:
    """Where a module is; the packages around it are imported, as `python -m` does."""
    try:
        spec = importlib.util.find_spec(name)
    except ModuleNotFoundError as error:
        # A package around it that does not exist; any other is an import of the program's.
        if not f"{name}.".startswith(f"{error.name}."):
            raise
        spec = None
    except ValueError:
        spec = None
    if spec is None:
        raise ProgramNotFoundError(
            f"no module named {quoted(name)}; expected what `python -m` takes, "
            "importable from the current folder"
        )
    return spec


def from_file(name: str) -> tuple[ModuleType, CodeType]:
    """`__main__` for a script, or for a folder or zip file that has one, and its code."""
    if not os.path.exists(name):
        raise ProgramNotFoundError(
            f"no such file: {shown_path(name)}; give a script, or `-m` and the name of a module"
        )
    path = os.path.abspath(name)
    finder: Any = pkgutil.get_importer(path)
    if finder is None:
        return main_module(path, SourceFileLoader(MAIN, path)), code_of(path)
    set_first_path(path)
    spec = finder.find_spec(MAIN)
    if spec is None:
        raise ProgramNotFoundError(f"{shown_path(name)} has no __main__.py to run; give a script")
    return main_module(spec.origin, spec.loader, spec), spec.loader.get_code(MAIN)


def code_of(path: str) -> CodeType:
    """The code of a script, source or compiled."""
    with io.open_code(path) as file:
        compiled: CodeType | None = pkgutil.read_code(file)
    if compiled is not None:
        return compiled
    with io.open_code(path) as file:
        return compile(file.read(), path, "exec", dont_inherit=True)


def main_module(file: str | None, loader: Any, spec: ModuleSpec | None = None) -> ModuleType:
    """An empty `__main__` with the names that Python gives it."""
    main = ModuleType(MAIN)
    main.__dict__.update(
        __annotations__={},
        __builtins__=sys.modules["builtins"],
        __cached__=spec.cached if spec else None,
        __file__=file,
        __loader__=loader,
        __package__=spec.parent if spec else None,
        __spec__=spec,
    )
    return main
