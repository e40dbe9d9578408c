"""`functools.cache` on a method: the cache keeps every `self` it was called with."""

from functools import cache


class Report:
    """A month of figures."""

    def __init__(self, month: int) -> None:
        self.rows = list(range(month, month + 1000))

    @cache  # on a method: this is the leak
    def total(self, digits: int) -> float:
        """The sum, rounded."""
        return round(sum(self.rows), digits)


def main() -> None:
    """Print the totals of twelve reports, each thrown away after use."""
    totals = [Report(month).total(2) for month in range(12)]
    print(f"the best month brought {max(totals):.2f}")


if __name__ == "__main__":
    main()
