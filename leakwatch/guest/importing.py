"""Imports that no signal handler comes in between of.

A handler that uses leakwatch while the same thread imports a part of it would get half a module.
What is imported when it is first needed is therefore imported with the signals held.
"""

# `signal` would cost a program that uses none a millisecond.
import _signal  # type: ignore[import-not-found]
from collections.abc import Iterator
from contextlib import contextmanager


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
