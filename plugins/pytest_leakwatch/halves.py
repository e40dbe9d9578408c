"""The judgement at the end where one object of one test breaks it: all others are judged."""

from collections.abc import Callable, Sequence
from typing import TypeVar

T = TypeVar("T")
Found = TypeVar("Found")
Blame = Callable[[Sequence[T], Exception], None]


def by_halves(
    judge: Callable[[Sequence[T]], Found], everyone: Sequence[T], blame: Blame[T]
) -> list[Found]:
    """Judge all together; if that fails, each half by itself, down to the ones to blame.

    To find one takes as many failures as the number has bits. It gives up after twice as many:
    then the fault is not theirs, and every attempt is a walk of the heap.

    Args:
        judge: judges some of them.
        everyone: whom to judge.
        blame: told of those that could not be judged, with the fault; of nobody where all could
            be judged in the end.

    Returns:
        what was found, part by part.
    """
    patience = 2 * (len(everyone).bit_length() + 1)
    waiting, found, blamed = [everyone], [], False
    fault: Exception | None = None
    while waiting:
        some = waiting.pop()
        if fault is None or patience > 0:
            try:
                found.append(judge(some))
                continue
            except Exception as error:  # noqa: BLE001 - whatever it is, the others are judged
                fault, patience = error, patience - 1
        if len(some) > 1 and patience > 0:
            half = len(some) // 2
            waiting += [some[half:], some[:half]]
        else:
            blame(some, fault)
            blamed = True
    if fault is not None and not blamed:
        blame((), fault)
    return found
