"""`pytest --leakwatch` beside plain pytest, on networkx's own tests of its classes and tools."""

import json
import os
import re
import subprocess
import sys
from importlib.util import find_spec
from typing import Any

ROUNDS = 3
SUITE = ("networkx.classes", "networkx.utils")
TRACKS = ("networkx.*", "all")
PROGRAM = """
import json, resource, sys, time
import pytest
began, worked = time.perf_counter(), time.process_time()
code = pytest.main(sys.argv[1:])
seconds, worked = time.perf_counter() - began, time.process_time() - worked
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print()
print(json.dumps({"code": int(code), "seconds": seconds, "worked": worked, "peak": peak}))
"""
PLAIN = ("-q", "-p", "no:randomly", "-p", "no:cacheprovider", "-p", "no:asyncio", "-n", "0")
COST = re.compile(r"leakwatch itself took ([\d.]+) s")


def run() -> list[dict[str, Any]]:
    """One row for each choice of what is judged; nothing where networkx is not installed."""
    if not find_spec("networkx"):
        return []
    sides = {
        "plain": (),
        **{track: ("--leakwatch", f"--leakwatch-track={track}") for track in TRACKS},
    }
    best = {
        name: {"seconds": float("inf"), "worked": 0.0, "peak": 1 << 60, "cost": 0.0}
        for name in sides
    }
    for _ in range(ROUNDS):
        for name, options in sides.items():
            best[name] = min(best[name], once(options), key=lambda result: result["seconds"])
    return [row(track, best[track], best["plain"]) for track in TRACKS]


def once(options: tuple[str, ...]) -> dict[str, float]:
    """Run the suite in a process of its own; seconds of `pytest.main`, and its peak in KiB."""
    arguments = [*PLAIN, *options, "--pyargs", *SUITE]
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, *arguments],
        env={**os.environ, "PYTEST_ADDOPTS": ""},
        capture_output=True,
        text=True,
        check=True,
        cwd="/",
    )
    result: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    cost = COST.search(done.stdout)
    return {**result, "cost": float(cost[1]) if cost else 0.0}


def row(track: str, ours: dict[str, float], plain: dict[str, float]) -> dict[str, Any]:
    """One choice beside the plain run."""
    return {
        "judged": track,
        "plain_s": round(plain["seconds"], 2),
        "leakwatch_s": round(ours["seconds"], 2),
        "ratio": round(ours["seconds"] / plain["seconds"], 2),
        "processor_ratio": round(ours["worked"] / plain["worked"], 2),
        "own_s": ours["cost"],
        "peak_ratio": round(ours["peak"] / plain["peak"], 2),
        "exit": ours["code"],
    }
