"""Blocks that come again and again on a path: a chain of 90 tracebacks is one, said once."""

from collections.abc import Sequence
from typing import TypeVar

LONGEST_REPEAT = 4
"""Longest block that is looked for."""

T = TypeVar("T")


def folded(parts: Sequence[T]) -> list[T]:
    """The parts with repeated blocks taken once, also those that folding has made."""
    result: list[T] = []
    for part in parts:
        result.append(part)
        for length in range(1, LONGEST_REPEAT + 1):
            if len(result) >= 2 * length and result[-length:] == result[-2 * length : -length]:
                del result[-length:]
                break
    return result


def blocks(parts: Sequence[T]) -> list[tuple[Sequence[T], int]]:
    """The parts in blocks, each with how many times it stands there in a row."""
    result = []
    start = 0
    while start < len(parts):
        length, times = block_at(parts, start)
        result.append((parts[start : start + length], times))
        start += length * times
    return result


def block_at(parts: Sequence[T], start: int) -> tuple[int, int]:
    """Length of the shortest block that repeats from here on, and how many times it does."""
    for length in range(1, LONGEST_REPEAT + 1):
        block, times = parts[start : start + length], 1
        while block == parts[start + times * length : start + (times + 1) * length]:
            times += 1
        if times > 1 and len(block) == length:
            return length, times
    return 1, 1
