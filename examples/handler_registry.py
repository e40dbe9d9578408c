"""A registry of handlers that nobody takes his handler out of again.

Each session subscribes with a bound method. `close` forgets to unsubscribe, so the registry
keeps the method, and the method keeps the session.
"""

from collections.abc import Callable
from itertools import count

NUMBERS = count()
HANDLERS: dict[str, Callable[[str], None]] = {}


class Session:
    """One customer's visit to the shop."""

    def __init__(self, customer: str) -> None:
        self.customer = customer
        self.basket: list[str] = []
        HANDLERS[customer] = self.on_price_change

    def on_price_change(self, article: str) -> None:
        """Offer the article again."""
        self.basket.append(article)

    def close(self) -> None:
        """Say goodbye. The handler stays in the registry: this is the leak."""
        self.basket.clear()


def visit(customer: str) -> None:
    """One session, properly closed."""
    session = Session(customer)
    session.on_price_change("tea")
    session.close()


def main() -> None:
    """Serve twenty customers."""
    for _ in range(20):
        visit(f"customer-{next(NUMBERS)}")
    print("served 20 customers")


if __name__ == "__main__":
    main()
