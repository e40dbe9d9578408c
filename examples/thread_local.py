"""Thread-locals of a pool: its threads never end, so neither do their values."""

import threading
from concurrent.futures import ThreadPoolExecutor

LOCAL = threading.local()
POOL = ThreadPoolExecutor(max_workers=4)
READY = threading.Barrier(4)


class Transaction:
    """Work that is done in one thread."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.undo = bytearray(5_000)


def handle(number: int) -> int:
    """Handle one request. The thread's list of transactions only grows: this is the leak."""
    transactions = getattr(LOCAL, "transactions", None)
    if transactions is None:
        transactions = LOCAL.transactions = []
        READY.wait()  # each of the four threads takes a request
    transactions.append(Transaction(number))
    return number


def main() -> None:
    """Handle twenty requests in four threads."""
    print(f"handled {len(list(POOL.map(handle, range(20))))} requests")


if __name__ == "__main__":
    main()
