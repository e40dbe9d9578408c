"""What a server of the benchmark notes of itself while it serves."""

import asyncio
import os
import time
from collections import Counter
from typing import Any

import psutil

from leakwatch import Report

TICK = 0.002
"""Seconds between two looks at the event loop."""


class Ring:
    """Garbage that only the collector frees, some in every request."""

    alive = 0

    def __init__(self) -> None:
        self.me = self
        Ring.alive += 1

    def __del__(self) -> None:
        Ring.alive -= 1


class Observed:
    """Counts since `start_again`."""

    def __init__(self) -> None:
        self.start_again()
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(before=self.fork_begins, after_in_parent=self.fork_ends)

    def start_again(self) -> None:
        """From now on."""
        self.reports = 0
        self.not_judged: Counter[str] = Counter()
        self.told: Counter[str] = Counter()
        self.objects = 0
        self.examples: dict[str, str] = {}
        self.longest_stop = 0.0
        self.longest_fork = 0.0
        self.forks = 0
        self.began = time.perf_counter()

    def note(self, report: Report) -> None:
        """Count what a scope has found."""
        self.reports += 1
        if report.not_judged:
            self.not_judged[report.not_judged] += 1
        for leak in report.leaks:
            self.told[leak.signature] += 1
            self.objects += leak.count
            self.examples[leak.signature] = f"{leak.count} {leak.type_name}: {leak.path}"

    async def watch_loop(self) -> None:
        """Note the longest time for which the event loop served nobody."""
        while True:
            began = time.perf_counter()
            await asyncio.sleep(TICK)
            self.longest_stop = max(self.longest_stop, time.perf_counter() - began - TICK)

    def fork_begins(self) -> None:
        self.began = time.perf_counter()

    def fork_ends(self) -> None:
        self.forks += 1
        self.longest_fork = max(self.longest_fork, time.perf_counter() - self.began)

    def state(self) -> dict[str, Any]:
        """The counts as plain data; memory in bytes, times in seconds."""
        return {
            "rss": psutil.Process().memory_info().rss,
            "processor": time.process_time(),
            "garbage": Ring.alive,
            "reports": self.reports,
            "not_judged": self.not_judged,
            "told": self.told,
            "objects": self.objects,
            "examples": self.examples,
            "longest_stop": self.longest_stop,
            "longest_fork": self.longest_fork,
            "forks": self.forks,
        }
