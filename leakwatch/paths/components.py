"""Which objects hold each other in circles: strongly connected components, after Tarjan (1972).

An exception, its frames and what they work on make one tangle of several circles. It is one leak,
whichever of its objects a circle is found through.
"""

from collections.abc import Callable, Iterable, Iterator


def components(size: int, below: Callable[[int], Iterable[int]]) -> list[int]:
    """For each position the number of its component; equal for those that reach each other.

    Args:
        size: how many positions there are.
        below: the positions that one refers to.
    """
    return Search(size, below).numbers


class Search:
    """The algorithm, without recursion: a linked list may be longer than the stack is deep."""

    def __init__(self, size: int, below: Callable[[int], Iterable[int]]) -> None:
        self.numbers = [-1] * size
        self._below = below
        self._order = [-1] * size
        self._low = [0] * size
        self._pending: list[int] = []
        self._count = 0
        for start in range(size):
            if self._order[start] < 0:
                self._search(start)

    def _search(self, start: int) -> None:
        path = [(start, self._enter(start))]
        while path:
            at, children = path[-1]
            for child in children:
                if self._order[child] < 0:
                    path.append((child, self._enter(child)))
                    break
                if self.numbers[child] < 0:
                    self._low[at] = min(self._low[at], self._order[child])
            else:
                path.pop()
                self._leave(at)
                if path:
                    above = path[-1][0]
                    self._low[above] = min(self._low[above], self._low[at])

    def _enter(self, at: int) -> Iterator[int]:
        self._order[at] = self._low[at] = self._count
        self._count += 1
        self._pending.append(at)
        return iter(self._below(at))

    def _leave(self, at: int) -> None:
        """Where nothing above was reached from here, all that is pending is one component."""
        while self._low[at] == self._order[at] and self.numbers[at] < 0:
            self.numbers[self._pending.pop()] = self._order[at]
