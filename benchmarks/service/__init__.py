"""A service whose requests overlap, each in a scope, beside the same service without leakwatch.

FastAPI on uvicorn with one worker, handlers that wait 10 ms, and requests from this process. The
servers take turns, so that noise of the machine hits all alike; ratios are those of medians.
"""

import os
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from operator import truediv
from statistics import median
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from benchmarks.service.load import Server

NEEDS = ("fastapi", "uvicorn")
WORK = (("/waiting", 1), ("/waiting", 8), ("/waiting", 16), ("/thread", 8))
"""Paths, and how many requests at once; one at a time is judged, the others overlap."""
CLEAN = ("plain", "registered", "types", "discover")
LEAKING = ("plain", "registered", "types")
GOALS = {"registered": 0.95, "types": 0.9, "discover": 0.9}
"""Of the throughput of the plain server, where requests overlap and nothing leaks."""
GOAL_LEAKING = 0.8
LONGEST_STOP_MS = 50
"""Of the event loop, or as long as the fork takes."""
MOST_GROWTH_MIB = 2
TURNS = 10
REQUESTS = 25
"""Of each connection in one turn: 8 at once make 2,000 requests in all."""
BALLAST = 200_000
"""Objects on the heap of a service that leaks."""
MIB = 1 << 20


def run() -> list[dict[str, Any]]:
    """A row for each way of watching and each kind of work; ratios are those of throughput."""
    missing = [name for name in NEEDS if find_spec(name) is None]
    if missing:
        told = f"  left out: needs {' and '.join(missing)}; pip install -e '.[bench]' brings them"
        print(told, file=sys.stderr)
        return []
    from benchmarks.service.load import servers

    with servers(CLEAN) as started:
        rows = [row for path, at_once in WORK for row in clean(started, path, at_once)]
    with servers(LEAKING, BALLAST) as started:
        return rows + list(leaking(started))


def clean(started: "list[Server]", path: str, at_once: int) -> Iterator[dict[str, Any]]:
    """Nothing leaks: what it costs, and what is told all the same."""
    turns, before, after = turns_of(started, path, at_once)
    for mode in CLEAN:
        state = after[mode]
        yield {
            **costs(mode, path, at_once, turns),
            **judged(state),
            "false": sum(state["told"].values()),
            "rss_growth_mib": round((state["rss"] - before[mode]["rss"]) / MIB, 1),
            "garbage": state["garbage"],
            "stop_ms": milliseconds(state["longest_stop"]),
            "examples": list(state["examples"].values())[:3],
        }


def leaking(started: "list[Server]") -> Iterator[dict[str, Any]]:
    """One request in ten leaks, always in the same way."""
    turns, _, after = turns_of(started, "/leaking", 8)
    for server in started:
        state = after[server.mode]
        checked = server.ask("/control/check")
        yield {
            **costs(server.mode, "/leaking", 8, turns),
            **judged(state),
            "signatures": len(set(checked["signatures"]) | state["told"].keys()),
            "analyses": max(state["told"].values(), default=0),
            "told_objects": state["objects"],
            "forks": state["forks"],
            "fork_ms": milliseconds(state["longest_fork"]),
            "stop_ms": milliseconds(state["longest_stop"]),
            "kept": checked["kept"],
            "check": checked["leaks"],
            "check_not_judged": checked["not_judged"],
        }


Turns = dict[str, list[tuple[float, float]]]
"""By mode, requests per second and processor seconds per request of each turn."""


def turns_of(
    started: "list[Server]", path: str, at_once: int
) -> tuple[Turns, dict[str, Any], dict[str, Any]]:
    """The servers take turns; also what they say before and after them."""
    warm_up = path.replace("/leaking", "/waiting")
    for server in started:
        server.turn(warm_up, REQUESTS * at_once, at_once)
    before = {server.mode: server.ask("/control/start") for server in started}
    turns: Turns = {server.mode: [] for server in started}
    for _ in range(TURNS):
        for server in started:
            worked = server.ask("/control/state")["processor"]
            answered, seconds = server.turn(path, REQUESTS * at_once, at_once)
            worked = server.ask("/control/state")["processor"] - worked
            turns[server.mode].append((answered / seconds, worked / answered))
    return turns, before, {server.mode: server.ask("/control/state") for server in started}


def costs(mode: str, path: str, at_once: int, turns: Turns) -> dict[str, Any]:
    """Throughput and processor time beside the plain server's; `spread` is of single turns."""
    speeds, plain = ([speed for speed, _ in turns[it]] for it in (mode, "plain"))
    ratios = sorted(map(truediv, speeds, plain))
    worked = median(worked for _, worked in turns[mode])
    return {
        "path": path,
        "at_once": at_once,
        "scopes": mode,
        "per_second": round(median(speeds)),
        "ratio": round(median(speeds) / median(plain), 3),
        "spread": [round(ratios[0], 2), round(ratios[-1], 2)],
        "processor_us": round(worked * 1e6),
        "processor_ratio": round(worked / median(worked for _, worked in turns["plain"]), 2),
        "load": round(os.getloadavg()[0], 1),
    }


def judged(state: dict[str, Any]) -> dict[str, Any]:
    """How many scopes have ended, and which share of them without a verdict."""
    unjudged = sum(state["not_judged"].values())
    share = round(unjudged / state["reports"], 3) if state["reports"] else 0.0
    return {"reports": state["reports"], "not_judged": share}


def summary(rows: list[dict[str, Any]]) -> list[str]:
    """The goals that are missed."""
    return [
        f"missed: {row['scopes']} on {row['path']}, {row['at_once']} at once: {fault}"
        for row in rows
        if row["scopes"] != "plain"
        for fault in (missed_leaking(row) if "kept" in row else missed_clean(row))
    ]


def missed_clean(row: dict[str, Any]) -> Iterator[str]:
    """In words, what is too much where nothing leaks."""
    goal = GOALS[row["scopes"]]
    if row["at_once"] > 1 and row["ratio"] < goal:
        yield f"{row['ratio']} of plain, wanted {goal}"
    if row["false"]:
        yield f"{row['false']} false reports in {row['reports']}"
    if row["rss_growth_mib"] > MOST_GROWTH_MIB:
        yield f"{row['rss_growth_mib']} MiB of growth"


def missed_leaking(row: dict[str, Any]) -> Iterator[str]:
    """In words, what is too much where one request in ten leaks, or is told wrongly."""
    if row["ratio"] < GOAL_LEAKING:
        yield f"{row['ratio']} of plain, wanted {GOAL_LEAKING}"
    if row["stop_ms"] > max(LONGEST_STOP_MS, row["fork_ms"]):
        yield f"the event loop stood still for {row['stop_ms']} ms"
    if row["signatures"] != 1 or row["analyses"] > 1:
        yield f"{row['signatures']} signatures, one analysed {row['analyses']} times"
    told = row["told_objects"] + sum(count for _, count, _ in row["check"])
    if told != row["kept"]:
        yield f"{told} of {row['kept']} leaked objects told"


def milliseconds(seconds: float) -> float:
    """Seconds as milliseconds."""
    return round(seconds * 1e3, 1)
