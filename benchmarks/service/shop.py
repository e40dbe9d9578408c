"""What the servers of the benchmark work with; `types=` is given a pattern for this module."""

from typing import Any

KEPT: list[Any] = []
"""Where a request forgets its cart when it leaks."""


class Cart:
    """What a request works with, and what is gone when it ends."""

    def __init__(self) -> None:
        self.lines = [{"item": number, "price": 100 + number} for number in range(5)]

    def total(self) -> int:
        """The sum of its prices."""
        return sum(line["price"] for line in self.lines)
