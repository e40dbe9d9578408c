"""Closed database sessions that stay in a module's dict under a number nobody asks for."""

from itertools import count

OPEN_SESSIONS: dict[int, "DatabaseSession"] = {}
_numbers = count()


class DatabaseSession:
    """A session that is found again by its number."""

    def __init__(self) -> None:
        self.number = next(_numbers)
        self.rows = list(range(500))
        self.closed = False
        OPEN_SESSIONS[self.number] = self

    def close(self) -> None:
        """Close it. The entry in `OPEN_SESSIONS` stays: this is the leak."""
        self.closed = True


def main() -> None:
    """Open and close thirty sessions."""
    for _ in range(30):
        DatabaseSession().close()
    print("30 sessions closed")


if __name__ == "__main__":
    main()
