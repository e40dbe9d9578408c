"""A worker that grows, with three kinds of tasks of which one leaks objects.

`python worker.py 'worker-{pid}.jsonl'` in this folder writes a report for each task it does;
`leakwatch report worker-*.jsonl --by task` says which task grows, and by what.
"""

import ctypes
import sys

import leakwatch
import leakwatch_logging

LIBC = ctypes.CDLL(None)
LIBC.malloc.restype = ctypes.c_void_p
LIBC.malloc.argtypes = [ctypes.c_size_t]
FONTS = {}
INDEXES = []


def render_pdf():
    """Load many pages, drop them all; a font that is loaded once lies behind them."""
    pages = [bytes(4_000) for _ in range(10_000)]
    FONTS.setdefault("serif", bytes(4_000))
    pages.clear()


def invoice():
    """Call a library that never frees its buffer."""
    ctypes.memset(LIBC.malloc(2_100), 1, 2_100)


class Index:
    """Words and where they stand."""

    def __init__(self):
        self.words = {number: f"word {number}" for number in range(5_000)}


def reindex():
    """Make an index, and never forget one."""
    INDEXES.append(Index())


TASKS = {
    "reports.render_pdf": (render_pdf, 1),
    "billing.invoice": (invoice, 50),
    "search.reindex": (reindex, 1),
}


def main(stream):
    """Ten rounds of all tasks, each task in a scope of its name."""
    leakwatch_logging.append_reports(stream, clean=True)
    for _ in range(10):
        for name, (task, times) in TASKS.items():
            for _ in range(times):
                with leakwatch.scope(name, discover=True):
                    task()


if __name__ == "__main__":
    main(sys.argv[1])
