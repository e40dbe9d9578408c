"""Which stage of an answer begins: for whoever shows it to a person, or measures it.

Nobody listens in a library; the command line does. A stage that is not heard costs one call.
"""

from collections.abc import Callable, Iterable, Iterator
from enum import Enum
from typing import TypeVar

T = TypeVar("T")


class Stage(Enum):
    """A part of the work for an answer; its value is what a person is told of it."""

    START = "starting"
    WORK = "running the work"
    SETTLE = "settling"
    READ = "reading"
    WAIT = "waiting for the answer"
    WALK = "walking the heap"
    DOMINATORS = "finding dominators"
    NAME = "naming what holds"
    TELL = "asking plugins"
    WRITE = "writing"


Listener = Callable[[Stage, int], None]
"""Is given the stage, and how many parts of it are done: 0 where it begins."""

_listeners: list[Listener] = []


def begins(stage: Stage) -> None:
    """Say that a stage begins, and that the one before has ended."""
    advances(stage, 0)


def advances(stage: Stage, done: int) -> None:
    """Say how many parts of a stage are done, or that it still goes on."""
    for listener in _listeners:
        listener(stage, done)


def each_of(stage: Stage, parts: Iterable[T]) -> Iterator[T]:
    """Begin a stage when its first part is asked for, and say how many are done."""
    begins(stage)
    for number, part in enumerate(parts, 1):
        yield part
        advances(stage, number)


class listening:  # noqa: N801 - used as `with listening(...):`
    """A block in which a function hears of stages, those of all threads.

    A class: the generator of a `contextmanager` would be among the objects that are judged.

    Args:
        listener: is given each stage; it must not raise.
    """

    __slots__ = ("_listener",)

    def __init__(self, listener: Listener) -> None:
        self._listener = listener

    def __enter__(self) -> None:
        _listeners.append(self._listener)

    def __exit__(self, *failure: object) -> None:
        _listeners.remove(self._listener)
