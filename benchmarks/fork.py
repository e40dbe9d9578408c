"""`why(analyse="fork")` beside other threads: pause, memory of the child, lost answers."""

import gc
import os
import sys
import threading
import time
from pathlib import Path
from typing import Any, Self

import leakwatch
from benchmarks import isolated
from benchmarks.heap import heap_of

SIZES = (200_000, 1_000_000)
LOOKS = 5
BUSY = 8
FORKS = 10
"""Answers asked for beside busy threads; `LEAKWATCH_FORKS` in the environment asks for more."""
PAUSE = 0.0005
"""Seconds that the other thread sleeps between two looks at the clock."""
EVERY = 0.005
"""Seconds between two looks at the memory of the child."""


class Cart:
    """What is asked about."""


CARTS = [Cart() for _ in range(200)]


def run() -> list[dict[str, Any]]:
    """Ratios on heaps of growing size."""
    return isolated.rows("benchmarks.fork", SIZES)


def row(size: int) -> dict[str, Any]:
    """One heap."""
    heap = heap_of(size)
    ask()  # what is imported and made once
    gc.collect()
    before = time.perf_counter()
    gc.collect()
    collection = time.perf_counter() - before
    resident = kibibytes(os.getpid(), "Rss:")
    with Watched() as watched:
        for _ in range(LOOKS):
            ask()
    return {
        "objects": size,
        "resident_mib": round(resident / 1024),
        "child_of_resident": round(watched.private / resident, 2),
        "pause_of_collection": round(watched.gap / collection, 2),
        "pause_ms": round(1000 * watched.gap, 1),
        "held": len(heap),
        # A busy process takes a second for each, on a heap of any size.
        **(lost_beside_busy_threads() if size == SIZES[0] else {}),
    }


def ask() -> bool:
    """Whether the question was answered."""
    return bool(leakwatch.why(Cart, analyse="fork").leaks)


class Watched:
    """A thread that ticks, and a process that reads the memory of ours."""

    def __init__(self) -> None:
        self.private = 0
        self.gap = 0.0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._tick)

    def __enter__(self) -> Self:
        self._reading, writing = os.pipe()
        self._spy = os.fork()
        if self._spy == 0:
            spy(os.getppid(), writing)
        os.close(writing)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()
        os.kill(self._spy, 15)
        os.waitpid(self._spy, 0)
        with open(self._reading, encoding="ascii") as lines:
            self.private = max(map(int, lines.read().split()), default=0)

    def last_gap(self) -> float:
        """The longest time without a tick since this was asked, in seconds."""
        found, self.gap = self.gap, 0.0
        return found

    def _tick(self) -> None:
        last = time.perf_counter()
        while not self._stop.is_set():
            time.sleep(PAUSE)
            now = time.perf_counter()
            self.gap = max(self.gap, now - last)
            last = now


def spy(parent: int, writing: int) -> None:
    """Write the private memory of the parent's other children, whenever it is the most so far."""
    most = 0
    while True:
        for child in children(parent):
            private = kibibytes(child, "Private_Dirty:") if child != os.getpid() else 0
            if private > most:
                most = private
                os.write(writing, b"%d " % most)
        time.sleep(EVERY)


def children(process: int) -> list[int]:
    """The processes that a thread of a process has forked."""
    files = Path(f"/proc/{process}/task").glob("*/children")
    return [int(child) for file in files for child in text_of(file).split()]


def kibibytes(process: int, field: str) -> int:
    """A figure of the memory of a process; 0 where it is gone."""
    text = text_of(Path(f"/proc/{process}/smaps_rollup"))
    return sum(int(line.split()[1]) for line in text.splitlines() if line.startswith(field))


def text_of(file: Path) -> str:
    """What is in a file of the kernel's; nothing where its process has ended."""
    try:
        return file.read_text(encoding="ascii")
    except OSError:
        return ""


def lost_beside_busy_threads() -> dict[str, int]:
    """How many answers were lost of how many, while other threads fight for the interpreter."""
    asked = int(os.environ.get("LEAKWATCH_FORKS", FORKS))
    stop = threading.Event()

    def work() -> None:
        while not stop.is_set():
            sum(range(20_000))

    busy = [threading.Thread(target=work) for _ in range(BUSY)]
    for thread in busy:
        thread.start()
    lost = sum(not ask() for _ in range(asked))
    stop.set()
    for thread in busy:
        thread.join()
    return {f"lost_of_{asked}": lost}


def summary(rows: list[dict[str, Any]]) -> list[str]:
    """The goals beside what was found."""
    native = [row for row in rows if row["walk"] == "native"]
    if not native or sys.platform != "linux":
        return []
    most = max(row["child_of_resident"] for row in native)
    return [f"the child makes {most:.2f} of the resident memory its own; the goal is 0.30"]
