"""Imports that no signal handler comes in between of.

A handler that uses leakwatch while the same thread imports a part of it would get half a module.
What is imported when it is first needed is therefore imported with the signals held.
"""

# `signal` would cost a program that uses none a millisecond.
import _signal  # type: ignore[import-not-found]
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from importlib import import_module
from typing import Any


@contextmanager
def held_signals() -> Iterator[None]:
    """Signals to this thread wait until the block has ended."""
    if not hasattr(_signal, "pthread_sigmask"):  # Windows
        yield
        return
    before = _signal.pthread_sigmask(_signal.SIG_BLOCK, _signal.valid_signals())
    try:
        yield
    finally:
        _signal.pthread_sigmask(_signal.SIG_SETMASK, before)


def names_from(homes: Mapping[str, str], namespace: dict[str, Any]) -> Callable[[str], Any]:
    """The `__getattr__` of a module that gives names of others, each imported when it is asked for.

    Args:
        homes: the module of each name, below the package that the module is in, or is.
        namespace: the globals of the module.
    """
    module, package = namespace["__name__"], namespace["__package__"]

    def imported(name: str) -> Any:
        if name not in homes:
            raise AttributeError(f"module {module!r} has no attribute {name!r}")
        # A signal handler that asks for a name meanwhile, on the same thread, would get half a
        # module. Two threads may both come here; the import gives both the same object.
        with held_signals():
            found = getattr(import_module(f"{package}.{homes[name]}"), name)
        namespace[name] = found
        return found

    return imported
