"""Thread-locals of a worker: its thread never ends, so neither do their values."""

import queue
import threading

LOCAL = threading.local()
JOBS: queue.Queue[int] = queue.Queue()


class Transaction:
    """Work that is done in one thread."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.undo = bytearray(5_000)


def work() -> None:
    """Do jobs for ever. The thread's own list of transactions only grows: this is the leak."""
    LOCAL.transactions = []
    while True:
        LOCAL.transactions.append(Transaction(JOBS.get()))
        JOBS.task_done()


def main() -> None:
    """Have twenty jobs done by a worker that waits for more."""
    threading.Thread(target=work, name="worker", daemon=True).start()
    for number in range(20):
        JOBS.put(number)
    JOBS.join()
    print("20 jobs done")


if __name__ == "__main__":
    main()
