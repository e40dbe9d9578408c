"""What is found out about a class once and asked of each of its instances."""

from collections.abc import Callable
from typing import Generic, TypeVar
from weakref import ref

Answer = TypeVar("Answer")


class PerClass(Generic[Answer]):
    """A question about classes, answered once for each as long as it lives; keeps none alive.

    Args:
        question: takes a class; its answer holds none.
    """

    __slots__ = ("_known", "_question")

    def __init__(self, question: Callable[[type], Answer]) -> None:
        self._question = question
        self._known: dict[int, tuple[ref[type], Answer]] = {}

    def __call__(self, cls: type) -> Answer:
        """The answer for a class: at an address used twice not that of the class before."""
        known = self._known.get(id(cls))
        if known is None or known[0]() is not cls:
            known = self._known[id(cls)] = (ref(cls), self._question(cls))
        return known[1]
