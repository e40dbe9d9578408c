"""A thread that samples the process's figures for as long as it is wanted.

It keeps a bounded number of samples, evenly spread over the whole time: when they are too many
every second is dropped and the interval doubles. It measures its own cost, and the pauses that
the collector makes while it runs.
"""

import gc
import os
import threading
import weakref
from collections.abc import Callable, Mapping
from time import monotonic, perf_counter, thread_time
from types import TracebackType
from typing import Any, Self

from leakwatch.model import MemorySample, MemoryTrend
from leakwatch_memory.figures import sample
from leakwatch_memory.trends import theil_sen

NAME = "leakwatch-memory"
MOST_SAMPLES = 500


class Sampler:
    """Samples in the background, as a context manager or between `start` and `stop`.

    In a forked child it does not run, and has what was sampled before the fork.

    Args:
        interval: seconds between samples; doubles when there are too many of them.
        keep: how many samples are kept at the most.
        also: further figures by name, each a function without arguments that gives a number,
            such as the length of a queue; one that raises is left out of that sample.

    Attributes:
        interval: seconds between samples by now.
        spent: seconds of processor time that sampling took.
        gc_pause_ns: nanoseconds that the collector took while the sampler ran.

    Raises:
        ValueError: the interval is not positive, or fewer than eight samples are to be kept.
    """

    def __init__(
        self,
        interval: float = 10.0,
        *,
        keep: int = MOST_SAMPLES,
        also: Mapping[str, Callable[[], int]] | None = None,
    ) -> None:
        if interval <= 0 or keep < 8:
            raise ValueError(
                f"expected interval > 0 and keep >= 8, got interval={interval} and keep={keep}"
            )
        self.interval = interval
        self.spent = 0.0
        self.gc_pause_ns = 0
        self._keep = keep
        self._also = dict(also or {})
        self._began = monotonic()
        self._samples: list[MemorySample] = []
        self._pause_began = 0.0
        self._wake = threading.Event()
        self._thread: threading.Thread | None = None
        _samplers.add(self)

    @property
    def running(self) -> bool:
        """Whether its thread is at work."""
        return self._thread is not None

    @property
    def samples(self) -> tuple[MemorySample, ...]:
        """What was sampled, oldest first."""
        return tuple(self._samples)

    def start(self) -> None:
        """Sample from now on; does nothing if that is so already."""
        if self._thread is not None:
            return
        self._wake.clear()
        gc.callbacks.append(self._on_collection)
        self._thread = threading.Thread(target=self._run, name=NAME, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Take a last sample and end the thread."""
        thread, self._thread = self._thread, None
        if thread is None:
            return
        self._wake.set()
        thread.join()
        gc.callbacks.remove(self._on_collection)
        self.take()

    def take(self) -> None:
        """Take a sample now."""
        began = thread_time()
        figures = sample() | self._further()
        figures["gc_pause_ns"] = self.gc_pause_ns
        self._samples.append(MemorySample(round(monotonic() - self._began, 3), None, figures))
        if len(self._samples) > self._keep:
            self._samples = self._samples[::2]
            self.interval *= 2
        self.spent += thread_time() - began

    def trend(self, figure: str = "rss") -> MemoryTrend | None:
        """The slope of a figure in bytes per second, over the later half of the samples."""
        points = [(it.at, float(it.figures[figure])) for it in self.samples if figure in it.figures]
        return theil_sen(points[len(points) // 2 :], figure, "second")

    def _further(self) -> dict[str, int]:
        found = {}
        for name, count in self._also.items():
            try:
                found[name] = int(count())
            except Exception:  # noqa: BLE001 - the program's own function, for this sample only
                continue
        return found

    def _run(self) -> None:
        while True:
            self.take()
            if self._wake.wait(self.interval):
                return

    def _on_collection(self, phase: str, info: dict[str, Any]) -> None:
        now = perf_counter()
        if phase == "start":
            self._pause_began = now
        elif self._pause_began:
            self.gc_pause_ns += int((now - self._pause_began) * 1e9)

    def _forget_thread(self) -> None:
        """In a forked child the thread is gone, and the event may be locked for ever."""
        if self._thread is not None:
            gc.callbacks.remove(self._on_collection)
        self._thread, self._wake = None, threading.Event()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()


_samplers: "weakref.WeakSet[Sampler]" = weakref.WeakSet()


def _after_fork() -> None:
    for sampler in _samplers:
        sampler._forget_thread()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
